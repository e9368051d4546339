import { resolve } from 'node:path';
import type { DrillListener, DrillResult } from '../core/drill.ts';
import { InvalidInput, type ExitCode } from '../core/error.ts';
import type { Fault } from '../core/fault.ts';
import type { Inventory } from '../core/inventory.ts';
import type { ClusterHost, Playbook } from '../core/role.ts';
import type { Secret } from '../core/secret.ts';
import type { DrillOrder } from '../drill/drill.ts';
import { findProject } from '../load/project.ts';
import type { DrillCommand } from './command.ts';
import { commandLineOf } from './command-line.ts';
import { ask, isPersonThere } from './confirm.ts';
import { printFailure, printList, tellDrill } from './drill-outcome.ts';
import { fail } from './fail.ts';
import { failureOf } from './failure.ts';
import { inkOn } from './ink-on.ts';
import { Interrupt } from './interrupt.ts';
import { inventoryOf } from './run-command.ts';
import { learning, type World } from './world.ts';

/** Breaks a running cluster on purpose and tells what its clients noticed; inside the lab's network when it is the lab's. */
export async function drillCommand(
  command: DrillCommand,
  args: readonly string[],
  world: World,
): Promise<number> {
  const started = performance.now();
  try {
    const inventory = await inventoryOf(command, world);
    if (inventory.lab !== undefined && !command.list) {
      const { enterLab } = await import('./enter-lab.ts');
      const options = {
        args,
        examine: () => loadDrill(command, inventory, world),
        onProgress: (line: string) => void world.stderr.write(`${line}\n`),
      };
      const exit = await enterLab(inventory.lab, { inventory, world, options });
      if (exit !== undefined) {
        return exit;
      }
    }
    const loaded = await loadDrill(command, inventory, world);
    return command.list
      ? await printList(loaded.known, loaded.skipped, world)
      : await perform(command, { ...loaded, inventory }, world);
  } catch (error) {
    const exit = await fail(error, world, { verbosity: 0 });
    if (command.json) {
      const { troubles: errors } = failureOf(error, 0);
      const ms = performance.now() - started;
      await printFailure({ playbook: command.playbook, exit, errors, ms }, world);
    }
    return exit;
  }
}

/** A playbook, and what a drill of it does. */
interface LoadedDrill extends Pick<DrillOrder, 'skipped' | 'targets'> {
  readonly playbook: Playbook;
  /** All hosts of the playbook's group: none is left out of a drill. */
  readonly cluster: readonly ClusterHost[];
  /** Every fault that its roles know on this cluster. */
  readonly known: readonly Fault[];
  readonly chosen: readonly Fault[];
}

async function loadDrill(
  { playbook: name, only, list: isListed }: DrillCommand,
  inventory: Inventory,
  world: World,
): Promise<LoadedDrill> {
  const { cwd } = world;
  const projectDir = findProject(cwd);
  const [{ listRoles, loadPlaybook }, { bindVars }, { selectHosts }, choosing] = await Promise.all([
    import('../load/playbook.ts'),
    import('../load/bind-vars.ts'),
    import('../load/select-hosts.ts'),
    import('../drill/choose.ts'),
  ]);
  const playbook = await loadPlaybook(name, projectDir, cwd);
  const hostNames = selectHosts(inventory, playbook.hosts);
  const hosts = bindVars(playbook, inventory, {
    hostNames,
    otherRoles: listRoles(projectDir),
    learn: learning(world),
  });
  const known = choosing.faultsOf(playbook, { hosts });
  const choice = choosing.chooseFaults(known, { only, isLab: inventory.lab !== undefined });
  choosing.refuseSingleHost(playbook, { hosts });
  const targets = isListed ? [] : choosing.targetsOf(playbook, { hosts }, choice.chosen);
  return { playbook, cluster: hosts, known, ...choice, targets };
}

interface Ready extends LoadedDrill {
  readonly inventory: Inventory;
}

async function perform(command: DrillCommand, loaded: Ready, world: World): Promise<ExitCode> {
  const isAsked = mustAsk(command, loaded.inventory, world);
  const [{ readHistory, historyFile }, { drillProgress }] = await Promise.all([
    import('../drill/history.ts'),
    import('../report/drill-progress.ts'),
  ]);
  const line = commandLineOf({ ...command, limit: undefined, tags: [], skipTags: [] }, world.secrets);
  const verify = line({ check: true });
  const ink = inkOn('stderr', world);
  const note = (text: string) => void world.stderr.write(`${ink.yellow(ink.line(text))}\n`);
  const interrupt = new Interrupt({ note, quit: (exit) => process.exit(exit), look: verify });
  const progress = drillProgress((text) => void world.stderr.write(text), ink);
  const file = historyFile({ ...whereOf(loaded, world), playbook: loaded.playbook.name }, world.env);
  const order: DrillOrder = {
    playbook: loaded.playbook.name,
    faults: loaded.chosen,
    skipped: loaded.skipped,
    targets: loaded.targets,
    perSecond: Math.max(...loaded.chosen.map(({ perSecond }) => perSecond)),
    repeat: command.repeat,
    before: await readHistory(file),
    remedy: line({}),
    confirm: async () => !isAsked || ask(question(loaded), world, interrupt.signal),
  };
  const result = await drillAll(order, loaded, {
    interrupt,
    listener: hearing(interrupt, progress),
    secrets: world.secrets,
  });
  await tellDrill(result, { command, file, verify, note }, world);
  return result.exit;
}

async function drillAll(
  order: DrillOrder,
  loaded: Ready,
  {
    interrupt,
    ...heard
  }: {
    readonly interrupt: Interrupt;
    readonly listener: DrillListener;
    readonly secrets: readonly Secret[];
  },
): Promise<DrillResult> {
  const [{ runDrill }, { drillSite }] = await Promise.all([
    import('../drill/drill.ts'),
    import('./drill-site.ts'),
  ]);
  const { perSecond } = order;
  const site = await drillSite({ ...loaded, ...heard, perSecond, signal: interrupt.signal });
  const stopListening = interrupt.listen();
  try {
    return await runDrill(order, site);
  } finally {
    stopListening();
  }
}

/** @throws InvalidInput nobody is there to be asked, and yes was not said beforehand */
function mustAsk({ yes }: DrillCommand, { lab }: Inventory, world: World): boolean {
  // The lab's hosts are there to be thrown away.
  const isAsked = !yes && lab === undefined;
  if (isAsked && !isPersonThere(world)) {
    const what = 'a drill breaks the hosts on purpose, and nobody is there to be asked';
    throw new InvalidInput([{ what, hint: 'add --yes if that is wanted' }]);
  }
  return isAsked;
}

function whereOf({ inventory }: Ready, { cwd }: World) {
  return { projectDir: findProject(cwd), inventory: resolve(cwd, inventory.source) };
}

/** What an interrupt waits for, and what a second one leaves unfinished, is known from what is heard. */
function hearing(interrupt: Interrupt, progress: DrillListener): DrillListener {
  let running: { readonly host: string; readonly id: string } | undefined;
  return (event) => {
    if (event.type === 'trial-started') {
      running = { host: event.host, id: event.fault };
      interrupt.hear({ type: 'change-started', ...running, summary: event.description });
    } else if (event.type === 'trial-done' && running !== undefined) {
      interrupt.hear({ type: 'change-done', ...running, ms: 0 });
    }
    progress(event);
  };
}

function question({ cluster, chosen }: LoadedDrill): string {
  const hosts = cluster.map(({ name }) => name).join(' and ');
  const names = chosen.map(({ name }) => name).join(', ');
  return `This breaks ${hosts} on purpose, one fault at a time: ${names}. Go on?`;
}
