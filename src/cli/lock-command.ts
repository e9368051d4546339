import { EXIT, InvalidInput, type Trouble } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import { selectHosts } from '../load/select-hosts.ts';
import type { HostAccess } from '../operate/ask-hosts.ts';
import type { HostLock } from '../operate/locks.ts';
import { troubleText } from '../report/trouble-text.ts';
import type { LockCommand } from './command.ts';
import { ask, isPersonThere } from './confirm.ts';
import { connecting } from './connecting.ts';
import { failLooking, inventoryInReach } from './in-reach.ts';
import { inkOn } from './ink-on.ts';
import { runMark } from './who-runs.ts';
import type { World } from './world.ts';

/** Shows who holds the locks of hosts, or throws them out. */
export async function lockCommand(
  command: LockCommand,
  args: readonly string[],
  world: World,
): Promise<number> {
  const chosen = (inventory: Inventory) => selectHosts(inventory, command.hosts.join(',') || 'all');
  const examine = (inventory: Inventory) => {
    chosen(inventory);
    refuseUnasked(command, world);
  };
  try {
    const inventory = await inventoryInReach(command, { args, world, examine });
    if (typeof inventory === 'number') {
      return inventory;
    }
    const connect = await connecting(world);
    const names = chosen(inventory);
    return command.action === 'status'
      ? await showLocks(command, names, { access: { inventory, connect }, world })
      : await release(command, names, { access: { inventory, connect }, world });
  } catch (error) {
    return failLooking(error, command.action === 'status' && command.json, world);
  }
}

interface Site {
  readonly access: HostAccess;
  readonly world: World;
}

async function showLocks(
  { json }: Extract<LockCommand, { action: 'status' }>,
  names: readonly string[],
  { access, world }: Site,
): Promise<number> {
  const { readLocks } = await import('../operate/locks.ts');
  const { answers, troubles } = await readLocks(names, access);
  const isHeld = answers.some(({ holder }) => holder !== undefined);
  const exit = isHeld ? EXIT.locked : troubles.length > 0 ? EXIT.unreachable : EXIT.converged;
  if (json) {
    const { printedDocument } = await import('../report/document.ts');
    const hosts = Object.fromEntries(
      answers.map(({ host, holder }) => [host, { held: holder !== undefined, ...holder }]),
    );
    const { masked } = inkOn('stdout', world);
    world.stdout.write(printedDocument({ version: 1, exit, hosts, errors: troubles }, masked));
    return exit;
  }
  const { lockText } = await import('../report/lock-text.ts');
  const ink = inkOn('stdout', world);
  world.stdout.write(lockText(answers, ink));
  tell(troubles, world);
  return exit;
}

async function release(
  command: Extract<LockCommand, { action: 'release' }>,
  names: readonly string[],
  site: Site,
): Promise<number> {
  const { access, world } = site;
  const { breakLocks, readLocks } = await import('../operate/locks.ts');
  const ink = inkOn('stdout', world);
  const before = await readLocks(names, access);
  const held = before.answers.filter(({ holder }) => holder !== undefined);
  if (held.length > 0 && !command.yes && !(await isWanted(held, world))) {
    return EXIT.interrupted;
  }
  const { answers, troubles } = await breakLocks(
    held.map(({ host }) => host),
    access,
    runMark(world.env),
  );
  const free = before.answers.filter(({ holder }) => holder === undefined);
  const { releasedText } = await import('../report/lock-text.ts');
  world.stdout.write(releasedText([...free, ...answers], ink));
  tell([...before.troubles, ...troubles], world);
  return troubles.length > 0 ? EXIT.failed : before.troubles.length > 0 ? EXIT.unreachable : EXIT.converged;
}

async function isWanted(held: readonly HostLock[], world: World): Promise<boolean> {
  const { lockText } = await import('../report/lock-text.ts');
  world.stderr.write(lockText(held, inkOn('stderr', world)));
  const hosts = held.map(({ host }) => host).join(', ');
  return ask(
    `Throw them out of ${hosts}? What they do there stays half done.`,
    world,
    new AbortController().signal,
  );
}

/** @throws InvalidInput nobody is there to be asked, and yes was not said beforehand */
function refuseUnasked(command: LockCommand, world: World): void {
  if (command.action === 'release' && !command.yes && !isPersonThere(world)) {
    const what = 'lock release: a run would be thrown out, and nobody is there to be asked';
    throw new InvalidInput([{ what, hint: 'add --yes if that is wanted' }]);
  }
}

function tell(troubles: readonly Trouble[], world: World): void {
  const ink = inkOn('stderr', world);
  world.stderr.write(troubles.map((trouble) => `${troubleText(trouble, ink)}\n`).join('\n'));
}
