import { resolve } from 'node:path';
import type { Inventory } from '../core/inventory.ts';
import type { RunAudit } from '../core/request.ts';
import { mask } from '../core/secret.ts';
import { findProject } from '../load/project.ts';
import type { CommandLine } from '../report/advice.ts';
import { runMark } from './who-runs.ts';
import type { World } from './world.ts';

/** How a run is written down. */
export async function auditOf(
  commandLine: CommandLine,
  inventory: Inventory,
  { cwd, env, secrets }: World,
): Promise<RunAudit> {
  const project = findProject(cwd);
  const [{ revisionOf }, { keepRecord }] = await Promise.all([
    import('../load/revision.ts'),
    import('./run-records.ts'),
  ]);
  // That nobody can tell it is no reason to do without the rest.
  const revision = revisionOf(project).catch(() => undefined);
  const masked = (text: string) => mask(text, secrets);
  return {
    mark: {
      ...runMark(env),
      command: masked(commandLine({})),
    },
    revision,
    project,
    inventory: resolve(cwd, inventory.source),
    ...(inventory.lab !== undefined && { lab: inventory.lab }),
    masked,
    keep: (record) => keepRecord(record, env),
  };
}
