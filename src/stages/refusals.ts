import { InvalidInput, PlanStale } from '../core/error.ts';
import { pendingSteps, type HostPlan } from '../core/plan.ts';
import type { RunRequest, TagFilter } from '../core/request.ts';
import { planMember } from './plan.ts';
import { probe } from './probe.ts';
import type { Session } from './session.ts';

/**
 * Time has passed since the plan was shown: what is done must still be what was shown.
 *
 * @throws PlanStale the host would now get another plan
 */
export async function refuseStale(session: Session, filter: TagFilter): Promise<void> {
  const { connection, member, plan } = session;
  if (connection === undefined || plan === undefined) {
    return;
  }
  const now = planMember(member, await probe(connection, member.queries), filter);
  const moved = difference(plan, now);
  if (moved.length > 0) {
    throw new PlanStale({
      host: session.host,
      what: 'is no longer as it was when the plan was made; nothing was changed on it',
      why: moved,
      hint: 'somebody or something else changed it meanwhile: run again',
    });
  }
}

function difference(before: HostPlan, after: HostPlan): readonly string[] {
  const [old, now] = [summaries(before), summaries(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((id) => old.get(id) !== now.get(id))
    .map((id) => `${id}: planned "${old.get(id) ?? 'nothing'}", now "${now.get(id) ?? 'nothing'}"`);
}

function summaries(plan: HostPlan): ReadonlyMap<string, string> {
  return new Map(
    pendingSteps(plan).map((step) => [
      step.resource.id,
      step.is === 'change' ? step.change.summary : step.reason,
    ]),
  );
}

/**
 * What all hosts must agree on cannot be changed on some of them.
 *
 * @throws InvalidInput `--limit` leaves out a host that such a change would leave behind
 */
export function refusePartialLockstep(plans: readonly HostPlan[], { cluster, selected }: RunRequest): void {
  const left = cluster.filter((host) => !selected.includes(host.name)).map((host) => host.name);
  const troubles = plans.flatMap(({ host, steps }) =>
    steps.flatMap((step) =>
      step.is === 'change' && step.change.quiesce !== undefined
        ? [
            {
              host,
              resource: step.resource.id,
              what: `changes what all hosts of the cluster must agree on, and ${left.join(', ')} would be left behind`,
              hint: 'run without --limit',
            },
          ]
        : [],
    ),
  );
  if (left.length > 0 && troubles.length > 0) {
    throw new InvalidInput(troubles);
  }
}
