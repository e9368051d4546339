import { createHash } from 'node:crypto';
import type { Inventory } from '../core/inventory.ts';
import { scopeOf } from './scope.ts';
import type { World } from './world.ts';

/** Names what is checked, among everything that this user checks: the hosts of one inventory of one project. */
export function driftScope(inventory: Inventory, world: Pick<World, 'cwd'>): string {
  const { project, inventory: file, lab = '' } = scopeOf(inventory, world);
  return createHash('sha256').update([project, file, lab].join('\0')).digest('hex').slice(0, 12);
}
