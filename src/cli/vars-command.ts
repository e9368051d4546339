import { InvalidInput } from '../core/error.ts';
import type { Host } from '../core/inventory.ts';
import type { Role } from '../core/role.ts';
import { Secret } from '../core/secret.ts';
import { suggestionFor } from '../core/suggest.ts';
import { explainVars, type ExplainedVar } from '../load/explain-vars.ts';
import { findProject } from '../load/project.ts';
import type { Ink } from '../report/ink.ts';
import { columns } from '../report/layout.ts';
import type { VarsCommand } from './command.ts';
import { fail } from './fail.ts';
import { inkOn } from './ink-on.ts';
import { inventoryOf } from './run-command.ts';
import { learning, type World } from './world.ts';

/** Prints every variable of a host and where it comes from. */
export async function varsCommand(command: VarsCommand, world: World): Promise<number> {
  try {
    const inventory = await inventoryOf(command, world);
    const host = inventory.hosts.get(command.host);
    if (host === undefined) {
      const hint = suggestionFor(command.host, inventory.hosts.keys(), 'known hosts');
      throw new InvalidInput([{ what: `there is no host ${command.host}`, from: inventory.source, hint }]);
    }
    const explained = await explain(command, host, { inventory, world });
    world.stdout.write(varsText(explained, inkOn('stdout', world)));
    return 0;
  } catch (error) {
    return fail(error, world, { verbosity: 0 });
  }
}

async function explain(
  { playbook: name }: VarsCommand,
  host: Host,
  { inventory, world }: { readonly inventory: Parameters<typeof bindHosts>[1]; readonly world: World },
): Promise<readonly ExplainedVar[]> {
  if (name === undefined) {
    return explainVars(host, { roles: await rolesOf(world) });
  }
  const bound = await bindHosts(name, inventory, world);
  return explainVars(host, { bound: bound.find((candidate) => candidate.name === host.name) });
}

/** Of every playbook that can be loaded. */
async function rolesOf({ cwd }: World): Promise<readonly Role[]> {
  const { listPlaybooks, loadPlaybook } = await import('../load/playbook.ts');
  const project = findProject(cwd);
  const roles: Role[] = [];
  for (const { name } of listPlaybooks(project)) {
    try {
      roles.push(...(await loadPlaybook(name, project, cwd)).roles);
    } catch (error) {
      if (!(error instanceof InvalidInput)) {
        throw error;
      }
    }
  }
  return roles;
}

async function bindHosts(name: string, inventory: Awaited<ReturnType<typeof inventoryOf>>, world: World) {
  const { cwd } = world;
  const [{ listRoles, loadPlaybook }, { bindVars }, { selectHosts }] = await Promise.all([
    import('../load/playbook.ts'),
    import('../load/bind-vars.ts'),
    import('../load/select-hosts.ts'),
  ]);
  const project = findProject(cwd);
  const playbook = await loadPlaybook(name, project, cwd);
  const hostNames = selectHosts(inventory, playbook.hosts);
  return bindVars(playbook, inventory, {
    hostNames,
    otherRoles: listRoles(project),
    learn: learning(world),
  });
}

/** A line for each variable, and one below it for each value it hides. */
function varsText(explained: readonly ExplainedVar[], ink: Ink): string {
  const rows = explained.flatMap(({ name, value, origin, shadows }) => [
    [name, shown(value), origin],
    ...shadows.map((hidden) => ['', shown(hidden.value), `${hidden.origin} (hidden)`]),
  ]);
  const lines = columns(rows.map((row) => row.map((cell) => ink.line(cell))));
  return lines.map((line, index) => `${rows[index]?.[0] === '' ? ink.dim(line) : line}\n`).join('');
}

function shown(value: unknown): string {
  return value instanceof Secret ? String(value) : JSON.stringify(value);
}
