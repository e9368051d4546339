import { RunError } from '../core/error.ts';
import { inspect, whatIsWrong, type Inspection } from './inspect.ts';
import { pauseFor } from './pause.ts';
import type { Site } from './site.ts';

const EVERY_MS = 250;

/** How the cluster was when it was whole, or when the time was over. */
export interface Whole {
  readonly inspection: Inspection;
  /** What was still wrong, a line each; empty when it was whole. */
  readonly wrong: readonly string[];
  /** Since when it has been whole, by `performance.now()`. */
  readonly sinceMs: number;
}

/**
 * Waits until the cluster is whole, and stays so for as long as its checks want to see.
 *
 * @param hasHappened until then it only seems to be whole: the fault is still to come
 * @param deadlineMs by `performance.now()`
 * @throws what the drill's signal was aborted with
 */
export async function waitWhole(
  site: Site,
  { hasHappened, deadlineMs }: { readonly hasHappened: () => Promise<boolean>; readonly deadlineMs: number },
): Promise<Whole> {
  const steadyMs = Math.max(0, ...site.assembly.checks.map((check) => check.steadyMs ?? 0));
  let told: string | undefined;
  let sinceMs: number | undefined;
  for (;;) {
    const inspection = await inspect(site);
    const wrong = await wrongNow(inspection, hasHappened);
    const now = performance.now();
    sinceMs = wrong.length === 0 ? (sinceMs ?? now) : undefined;
    const isSteady = sinceMs !== undefined && now - sinceMs >= steadyMs;
    if (isSteady || (wrong.length > 0 && now > deadlineMs)) {
      return { inspection, wrong, sinceMs: sinceMs ?? now };
    }
    const detail = wrong.join('; ');
    if (detail !== '' && detail !== told) {
      told = detail;
      site.listener({ type: 'not-whole-yet', detail });
    }
    await pauseFor(EVERY_MS, site.signal);
  }
}

async function wrongNow(
  inspection: Inspection,
  hasHappened: () => Promise<boolean>,
): Promise<readonly string[]> {
  const wrong = whatIsWrong(inspection);
  if (wrong.length > 0) {
    return wrong;
  }
  try {
    return (await hasHappened()) ? [] : ['nothing shows that the fault has happened'];
  } catch (error) {
    // A host may go away between two readings: a fault that is about to happen.
    if (error instanceof RunError) {
      return [error.message];
    }
    throw error;
  }
}
