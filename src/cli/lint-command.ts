import { InvalidInput, type Trouble } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import type { LintResult } from '../core/lint-result.ts';
import { validateVars } from '../load/bind-vars.ts';
import { lintVars, placeIn } from '../load/lint.ts';
import { listPlaybooks, listRoles, loadPlaybook } from '../load/playbook.ts';
import { findProject } from '../load/project.ts';
import { selectHosts } from '../load/select-hosts.ts';
import type { LintSubject } from '../lint.ts';
import type { LintCommand } from './command.ts';
import { connecting } from './connecting.ts';
import { fail } from './fail.ts';
import { failureOf } from './failure.ts';
import { inkOn } from './ink-on.ts';
import { inventoryOf } from './run-command.ts';
import { learning, type World } from './world.ts';

const FORKS = 10;

/** Looks at variables and hosts for what is known to go wrong, and changes nothing. */
export async function lintCommand(
  command: LintCommand,
  args: readonly string[],
  world: World,
): Promise<number> {
  const started = performance.now();
  try {
    const inventory = await inventoryOf(command, world);
    if (inventory.lab !== undefined) {
      const { enterLab } = await import('./enter-lab.ts');
      const options = {
        args,
        examine: () => subjectsOf(command, inventory, world),
        onProgress: (line: string) => void world.stderr.write(`${line}\n`),
      };
      const exit = await enterLab(inventory.lab, { inventory, world, options });
      if (exit !== undefined) {
        return exit;
      }
    }
    const loaded = await subjectsOf(command, inventory, world);
    return await perform(command, { ...loaded, inventory }, world);
  } catch (error) {
    if (command.json) {
      const { exit, troubles } = failureOf(error, 0);
      const nothing = { playbooks: [], rules: 0, surveyed: [], findings: [] };
      await print({ ...nothing, exit, troubles, ms: performance.now() - started }, command, world);
    }
    return fail(error, world, { verbosity: 0 });
  }
}

interface Loaded {
  readonly subjects: readonly LintSubject[];
  readonly troubles: readonly Trouble[];
}

/** @throws InvalidInput the playbook that was named cannot be looked at, or there is none that can */
async function subjectsOf(
  { playbook: name, limit }: LintCommand,
  inventory: Inventory,
  world: World,
): Promise<Loaded> {
  const { cwd } = world;
  const projectDir = findProject(cwd);
  const names = name === undefined ? listPlaybooks(projectDir).map((file) => file.name) : [name];
  const otherRoles = listRoles(projectDir);
  const subjects: LintSubject[] = [];
  const troubles: Trouble[] = [];
  for (const each of names) {
    try {
      const playbook = await loadPlaybook(each, projectDir, cwd);
      if (name === undefined && !hasHosts(inventory, playbook.hosts)) {
        continue;
      }
      const hostNames = selectHosts(inventory, playbook.hosts);
      const cluster = validateVars(playbook, inventory, {
        hostNames,
        otherRoles,
        learn: learning(world),
      });
      const selected = selectHosts(inventory, playbook.hosts, limit);
      const findings = lintVars(playbook, cluster, inventory.source);
      subjects.push({ playbook, cluster, selected, findings, placeOf: placeIn(cluster) });
    } catch (error) {
      if (!(error instanceof InvalidInput) || name !== undefined) {
        throw error;
      }
      troubles.push(...error.troubles);
    }
  }
  return { subjects, troubles: distinct(troubles) };
}

/** A playbook for hosts of another inventory is not looked at, unless it was asked for by name. */
function hasHosts(inventory: Inventory, pattern: string): boolean {
  try {
    return selectHosts(inventory, pattern).length > 0;
  } catch {
    return false;
  }
}

/** What is wrong in the inventory is wrong for each playbook. */
function distinct(troubles: readonly Trouble[]): readonly Trouble[] {
  return [...new Map(troubles.map((trouble) => [JSON.stringify(trouble), trouble])).values()];
}

async function perform(
  command: LintCommand,
  loaded: Loaded & { readonly inventory: Inventory },
  world: World,
): Promise<number> {
  const [{ lint }, connect] = await Promise.all([import('../lint.ts'), connecting(world)]);
  const result = await lint({ ...loaded, forks: FORKS, connect });
  await print(result, command, world);
  return result.exit;
}

async function print(result: LintResult, command: LintCommand, world: World): Promise<void> {
  const { stdout } = world;
  const ink = inkOn('stdout', world);
  if (command.json) {
    const { lintDocument } = await import('../report/lint-document.ts');
    const { printedDocument } = await import('../report/document.ts');
    stdout.write(printedDocument(lintDocument(result), ink.masked));
  } else {
    const { lintText } = await import('../report/lint-text.ts');
    stdout.write(lintText(result, ink));
  }
}
