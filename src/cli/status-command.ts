import type { Inventory } from '../core/inventory.ts';
import { checkStanding, type CheckStanding } from '../core/check-standing.ts';
import { selectHosts } from '../load/select-hosts.ts';
import { readCheckSchedule } from './check-schedule.ts';
import type { StatusCommand } from './command.ts';
import { readChecks } from './drift-log.ts';
import { failLooking, inventoryInReach } from './in-reach.ts';
import { scopeOf } from './scope.ts';
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
  const { stdout, env } = world;
  const started = performance.now();
  const [{ readStatus }, { connect }, { inkFor, mediumOf }] = await Promise.all([
    import('../operate/status.ts'),
    import('../transport/index.ts'),
    import('../report/ink.ts'),
  ]);
  const names = selectHosts(inventory, 'all', command.limit);
  const [status, checks] = await Promise.all([
    readStatus(names, { inventory, connect }),
    readStanding(inventory, world),
  ]);
  const ink = inkFor(mediumOf(stdout, env), inventory.secrets);
  if (command.json) {
    const [{ statusDocument }, { printedDocument }] = await Promise.all([
      import('../report/status-document.ts'),
      import('../report/document.ts'),
    ]);
    const ms = performance.now() - started;
    stdout.write(printedDocument(statusDocument(status, checks, ms), ink.masked));
  } else {
    const { statusText } = await import('../report/status-text.ts');
    stdout.write(statusText(status, ink, checks));
  }
  return status.exit;
}

/** Whether drift checks of these hosts are made, as far as this user's own records tell. */
async function readStanding(inventory: Inventory, world: World): Promise<CheckStanding> {
  const schedule = await readCheckSchedule(inventory, world);
  try {
    const { checks } = await readChecks(scopeOf(inventory, world), world.env, 1);
    return checkStanding(checks.at(-1)?.report, schedule, new Date());
  } catch (error) {
    // Such as files that root has written: how the hosts stand does not depend on them.
    return { unread: error instanceof Error ? error.message : String(error), isOverdue: false };
  }
}
