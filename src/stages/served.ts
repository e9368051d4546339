import { pendingSteps } from '../core/plan.ts';
import type { RunRequest } from '../core/request.ts';
import type { CheckResult } from '../core/result.ts';
import { targetNames, type WatchResult } from '../core/watch.ts';
import { witnessPlans } from './plan.ts';
import type { Session } from './session.ts';

/**
 * Watched targets that nobody has ever answered for, as a check that does not hold.
 *
 * Empty when a part of what is declared was not to be done, or was not done: nobody has to serve yet.
 */
export function unservedChecks(
  { report }: WatchResult,
  sessions: readonly Session[],
  request: RunRequest,
): readonly CheckResult[] {
  if (report === undefined || !isAllDone(sessions, request)) {
    return [];
  }
  const names = targetNames(report.targets.map(({ target }) => target));
  const unserved = report.targets.flatMap(({ sent, answered }, index) =>
    sent > 0 && answered === 0 ? [`${names[index]} (${sent} requests, none answered)`] : [],
  );
  if (unserved.length === 0) {
    return [];
  }
  const judgement = {
    ok: false,
    detail: `served by nobody: ${unserved.join(', ')}`,
    hint: 'on the host that has the address: does anything listen there (ss -ltnp), and can it be reached from here',
  };
  return [{ check: 'every watched port is served', judgement }];
}

function isAllDone(sessions: readonly Session[], request: RunRequest): boolean {
  const witnesses = sessions.filter(({ member }) => member.witness);
  const plans = witnessPlans(sessions);
  return (
    request.signal?.aborted !== true &&
    request.tags.length === 0 &&
    request.skipTags.length === 0 &&
    request.only === undefined &&
    plans.length === witnesses.length &&
    plans.every((plan) => pendingSteps(plan).length === 0) &&
    sessions.every(
      ({ trouble, status, member }) => member.witness || (trouble === undefined && status !== 'pending'),
    )
  );
}
