import type { HostStatus } from '../../scripts/lab/index.ts';
import { InvalidInput } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import { suggestionFor } from '../core/suggest.ts';
import { columns } from '../report/layout.ts';
import { duration } from '../report/phrases.ts';
import type { LabCommand } from './command.ts';
import { fail } from './fail.ts';
import { exitCode } from './pass-through.ts';
import { inventoryOf } from './run-command.ts';
import type { World } from './world.ts';

/** Starts, stops and shows the lab, and opens its hosts. */
export async function labCommand(command: LabCommand, world: World): Promise<number> {
  try {
    return await perform(command, world);
  } catch (error) {
    return fail(error, world, { verbosity: 0 });
  }
}

async function perform(command: LabCommand, world: World): Promise<number> {
  const inventory = await labInventory(command, world);
  const lab = await import('../../scripts/lab/index.ts');
  const name = inventory?.lab ?? lab.labName();
  const say = (line: string) => void world.stderr.write(`${line}\n`);
  switch (command.action) {
    case 'up': {
      const { startLab } = await import('./enter-lab.ts');
      await startLab(name, inventory, say);
      return printStatus(name, lab.labStatus({ name }), world);
    }
    case 'down':
      await lab.labDown({ name, purgeCache: command.purge });
      say(`lab ${name}: stopped and removed`);
      return 0;
    case 'status':
      return printStatus(name, lab.labStatus({ name }), world);
    case 'shell':
      requireHost(command.host, lab.labStatus({ name }));
      return lab.labShell(name, command.host);
    case 'exec': {
      requireHost(command.host, lab.labStatus({ name }));
      const ended = await lab.labExec(name, command.host, command.command);
      world.stdout.write(ended.stdout);
      world.stderr.write(ended.stderr);
      return exitCode(ended.exitCode, ended.signal);
    }
  }
}

/** The inventory when it is a lab's; a faulty one keeps nobody from stopping the lab. */
async function labInventory(command: LabCommand, world: World): Promise<Inventory | undefined> {
  try {
    const inventory = await inventoryOf({ inventory: command.inventory, extraVars: [] }, world);
    return inventory.lab === undefined ? undefined : inventory;
  } catch (error) {
    if (error instanceof InvalidInput && command.action !== 'up') {
      return undefined;
    }
    throw error;
  }
}

function requireHost(host: string, hosts: readonly HostStatus[]): void {
  const names = hosts.map(({ name }) => name);
  if (names.length === 0) {
    throw new InvalidInput([{ what: 'the lab is not up', hint: 'run-playbook lab up' }]);
  }
  if (!names.includes(host)) {
    const what = `the lab has no host ${host}`;
    throw new InvalidInput([{ what, hint: suggestionFor(host, names, 'its hosts') }]);
  }
}

function printStatus(lab: string, hosts: readonly HostStatus[], world: World): number {
  if (hosts.length === 0) {
    world.stdout.write(`lab ${lab}: not up\n`);
    return 1;
  }
  const rows = hosts.map(({ name, address, release, state, bootedAt }) => {
    const since = bootedAt === undefined ? '' : `up ${duration(Date.now() - bootedAt.getTime())}`;
    return [name, address, release, state, since];
  });
  world.stdout.write(`${columns(rows).join('\n')}\n`);
  return hosts.every(({ state }) => state === 'running') ? 0 : 1;
}
