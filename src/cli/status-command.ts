import type { Inventory } from '../core/inventory.ts';
import { selectHosts } from '../load/select-hosts.ts';
import type { StatusCommand } from './command.ts';
import { connecting } from './connecting.ts';
import { failLooking, inventoryInReach } from './in-reach.ts';
import { inkOn } from './ink-on.ts';
import type { World } from './world.ts';

/** Shows how the hosts stand right now; nothing is changed. */
export async function statusCommand(
  command: StatusCommand,
  args: readonly string[],
  world: World,
): Promise<number> {
  const chosen = (inventory: Inventory) => selectHosts(inventory, 'all', command.limit);
  try {
    const inventory = await inventoryInReach(command, { args, world, examine: chosen });
    return typeof inventory === 'number' ? inventory : await show(command, inventory, world);
  } catch (error) {
    return failLooking(error, command.json, world);
  }
}

async function show(command: StatusCommand, inventory: Inventory, world: World): Promise<number> {
  const { stdout } = world;
  const started = performance.now();
  const { readStatus } = await import('../operate/status.ts');
  const names = selectHosts(inventory, 'all', command.limit);
  const status = await readStatus(names, { inventory, connect: await connecting(world) });
  const ink = inkOn('stdout', world);
  if (command.json) {
    const [{ statusDocument }, { printedDocument }] = await Promise.all([
      import('../report/status-document.ts'),
      import('../report/document.ts'),
    ]);
    const ms = performance.now() - started;
    stdout.write(printedDocument(statusDocument(status, ms), ink.masked));
  } else {
    const { statusText } = await import('../report/status-text.ts');
    stdout.write(statusText(status, ink));
  }
  return status.exit;
}
