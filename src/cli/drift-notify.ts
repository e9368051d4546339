import { hostname } from 'node:os';
import { join } from 'node:path';
import type { DriftReport } from '../core/drift.ts';
import type { Inventory } from '../core/inventory.ts';
import type { NotifyTarget } from '../core/notify.ts';
import type { Secret } from '../core/secret.ts';
import { findProject } from '../load/project.ts';
import { inkFor, mediumOf } from '../report/ink.ts';
import { driftScope } from './drift-scope.ts';
import { stateDir } from './state-dir.ts';
import type { World } from './world.ts';

/** Tells people what is new; a message that does not get there is told on stderr, and changes nothing of the check. */
export async function notifyPeople(
  report: DriftReport,
  targets: readonly NotifyTarget[],
  { inventory, secrets }: { readonly inventory: Inventory; readonly secrets: readonly Secret[] },
  world: World,
): Promise<void> {
  const { cwd, env, stderr } = world;
  const ink = inkFor(mediumOf(stderr, env), secrets);
  const note = (text: string) => void stderr.write(`${ink.yellow(ink.line(text))}\n`);
  if (targets.length === 0) {
    note('nobody is notified: the inventory names nobody under drift.notify');
    return;
  }
  const { notify } = await import('../notify/notify.ts');
  const plain = inkFor({ color: false, unicode: true }, secrets);
  const shown = JSON.parse(
    JSON.stringify(report, (_, value: unknown) => (typeof value === 'string' ? plain.line(value) : value)),
  ) as DriftReport;
  try {
    const { failed } = await notify(shown, {
      targets,
      file: join(stateDir(env), 'notify', `${driftScope(inventory, world)}.json`),
      sender: { project: findProject(cwd), from: hostname() },
      now: new Date(),
    });
    failed.forEach((why) => note(`not notified, tried again after the next check: ${why}`));
  } catch (error) {
    note(`nobody was notified: ${error instanceof Error ? error.message : String(error)}`);
  }
}
