import { resolve } from 'node:path';
import type { Scope } from '../core/drift-record.ts';
import type { Inventory } from '../core/inventory.ts';
import { findProject } from '../load/project.ts';
import type { World } from './world.ts';

/** Which hosts a command is about, for what is written down of them. */
export function scopeOf(inventory: Inventory, { cwd }: Pick<World, 'cwd'>): Scope {
  return {
    project: findProject(cwd),
    inventory: resolve(cwd, inventory.source),
    ...(inventory.lab !== undefined && { lab: inventory.lab }),
  };
}

/** Whether something was written down about the same hosts. */
export function isWithin(scope: Scope): (written: Scope) => boolean {
  return ({ project, inventory, lab }) =>
    project === scope.project && inventory === scope.inventory && lab === scope.lab;
}
