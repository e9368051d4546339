import type { DriftPast, DriftReport } from '../core/drift.ts';
import type { Inventory } from '../core/inventory.ts';
import { mask, type Secret } from '../core/secret.ts';
import { inkFor, mediumOf } from '../report/ink.ts';
import { troubleText } from '../report/trouble-text.ts';
import { keepCheck } from './drift-log.ts';
import { scopeOf } from './scope.ts';
import type { World } from './world.ts';

/**
 * Keeps a check for later, and tells what is known from earlier ones.
 *
 * That it cannot be kept is told on stderr, and changes nothing of the check.
 */
export async function rememberCheck(
  report: DriftReport,
  { inventory, secrets }: { readonly inventory: Inventory; readonly secrets: readonly Secret[] },
  world: World,
): Promise<DriftPast | undefined> {
  const { stderr, env } = world;
  const masked = (text: string) => mask(text, secrets);
  try {
    return await keepCheck(report, scopeOf(inventory, world), { masked, env });
  } catch (error) {
    const why = [error instanceof Error ? error.message : String(error)];
    const hint = 'free its place: drift history, and since when findings are there, have a gap';
    const ink = inkFor(mediumOf(stderr, env), secrets);
    stderr.write(`${troubleText({ what: 'this check could not be kept', why, hint }, ink)}\n`);
    return undefined;
  }
}
