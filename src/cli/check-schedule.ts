import { join } from 'node:path';
import type { CheckSchedule } from '../core/check-standing.ts';
import type { Inventory } from '../core/inventory.ts';
import { readSchedule } from '../schedule/record.ts';
import { driftScope } from './drift-scope.ts';
import { stateDir } from './state-dir.ts';
import type { World } from './world.ts';

/** The file in which it is remembered how often the hosts of an inventory are checked. */
export function scheduleFile(inventory: Inventory, { cwd, env }: Pick<World, 'cwd' | 'env'>): string {
  return join(stateDir(env), 'schedules', `${driftScope(inventory, { cwd })}.json`);
}

/** How often checks are made from here; undefined where they are not, or elsewhere and not written down here. */
export async function readCheckSchedule(
  inventory: Inventory,
  world: Pick<World, 'cwd' | 'env'>,
): Promise<CheckSchedule | undefined> {
  const kept = await readSchedule(scheduleFile(inventory, world));
  return kept === undefined || kept.on === 'github'
    ? undefined
    : { everyMs: kept.every * 1000, since: kept.installedAt };
}
