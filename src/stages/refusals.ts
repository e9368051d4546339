import { InvalidInput, PlanStale } from '../core/error.ts';
import { pendingSteps, type HostPlan } from '../core/plan.ts';
import type { RunRequest } from '../core/request.ts';
import { lockstepChanges } from '../core/rollout.ts';
import { planMember } from './plan.ts';
import { probe } from './probe.ts';
import { onHost } from './reach.ts';
import type { Session } from './session.ts';

/**
 * Time has passed since the plan was shown: what is done must still be what was shown.
 *
 * @throws PlanStale the host would now get another plan
 */
export async function refuseStale(session: Session, request: RunRequest): Promise<void> {
  const { member, plan } = session;
  if (plan === undefined) {
    return;
  }
  const seen = await onHost(session, request)((connection) => probe(connection, member.queries));
  const now = planMember(member, seen, request);
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
    .filter((id) => old.get(id)?.whole !== now.get(id)?.whole)
    .map(
      (id) =>
        `${id}: planned "${old.get(id)?.summary ?? 'nothing'}", now "${now.get(id)?.summary ?? 'nothing'}"`,
    );
}

interface Shown {
  readonly summary: string;
  /** Everything a person was shown, to compare. */
  readonly whole: string;
}

function summaries(plan: HostPlan): ReadonlyMap<string, Shown> {
  return new Map(
    pendingSteps(plan).map((step) => {
      const { summary, details, diff, destroys } =
        step.is === 'change' ? step.change : { summary: step.reason };
      return [step.resource.id, { summary, whole: JSON.stringify([summary, details, diff, destroys]) }];
    }),
  );
}

/**
 * What all hosts must agree on cannot be changed on some of them.
 *
 * @param witnesses plans of the hosts that `--limit` leaves out, as far as they could be read
 * @throws InvalidInput a host that is left out would be left behind
 */
export function refusePartialLockstep(
  plans: readonly HostPlan[],
  witnesses: readonly HostPlan[],
  { cluster, selected }: RunRequest,
): void {
  const left = cluster.filter((host) => !selected.includes(host.name)).map((host) => host.name);
  const isBehind = witnesses.some((plan) => lockstepChanges(plan).some(({ disagrees }) => disagrees));
  const troubles = plans.flatMap((plan) =>
    lockstepChanges(plan)
      .filter(({ disagrees }) => disagrees || isBehind)
      .map(({ id }) => ({
        host: plan.host,
        resource: id,
        what: `all hosts of the cluster must agree on what this changes, and ${left.join(', ')} would be left behind`,
        hint: 'run without --limit',
      })),
  );
  if (left.length > 0 && troubles.length > 0) {
    throw new InvalidInput(troubles);
  }
}
