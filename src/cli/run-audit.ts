import type { Inventory } from '../core/inventory.ts';
import type { RunAudit } from '../core/request.ts';
import { mask, type Secret } from '../core/secret.ts';
import type { CommandLine } from '../report/advice.ts';
import { scopeOf } from './scope.ts';
import { runMark } from './who-runs.ts';
import type { World } from './world.ts';

/** How a run is written down. */
export async function auditOf(
  commandLine: CommandLine,
  { inventory, secrets }: { readonly inventory: Inventory; readonly secrets: readonly Secret[] },
  world: World,
): Promise<RunAudit> {
  const scope = scopeOf(inventory, world);
  const [{ revisionOf }, { keepRecord }] = await Promise.all([
    import('../load/revision.ts'),
    import('./run-records.ts'),
  ]);
  // That nobody can tell it is no reason to do without the rest.
  const revision = revisionOf(scope.project).catch(() => undefined);
  const masked = (text: string) => mask(text, secrets);
  return {
    mark: {
      ...runMark(world.env),
      command: masked(commandLine({})),
    },
    revision,
    ...scope,
    masked,
    keep: (record) => keepRecord(record, world.env),
  };
}
