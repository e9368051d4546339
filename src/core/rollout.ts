import { pendingSteps, type HostPlan } from './plan.ts';
import type { LockstepChange } from './resource.ts';

/** A host's turn in a rollout. */
export interface Turn {
  readonly plan: HostPlan;
  /** Changes that wait until every other host is done; what they would disturb is quiesced instead. */
  readonly deferred: ReadonlySet<string>;
}

export interface Rollout {
  /** Hosts worked on at the same time, batch after batch. */
  readonly batches: readonly (readonly Turn[])[];
  /** After the last batch: what was deferred, host by host. */
  readonly afterwards: readonly Turn[];
}

/**
 * The order in which hosts are changed: lower rank first (failed hosts, then standby, then who serves),
 * inventory order among equals; hosts with nothing to do are left out.
 *
 * While a host runs with something else than all will have to agree on, such as another VRRP version, the
 * other hosts are silenced and do not start; it changes last and alone, and only then do they go on.
 */
export function planRollout(
  plans: readonly HostPlan[],
  rank: (host: string) => number,
  serial: number,
): Rollout {
  const order = plans
    .filter((plan) => pendingSteps(plan).length > 0)
    .toSorted((a, b) => rank(a.host) - rank(b.host));
  const last = order.findLast((plan) => lockstepChanges(plan).some(({ disagrees }) => disagrees));
  const turns = order.map((plan): Turn => ({
    plan,
    deferred: last === undefined || plan === last ? new Set() : deferredIds(plan),
  }));
  const afterwards = turns.filter((turn) => turn.deferred.size > 0);
  if (afterwards.length === 0) {
    return { batches: inBatches(turns, serial), afterwards };
  }
  const others = turns.filter((turn) => turn.plan !== last);
  const alone = turns.filter((turn) => turn.plan === last);
  return { batches: [...inBatches(others, serial), alone], afterwards };
}

/** The changes of a plan that all hosts must agree on. */
export function lockstepChanges(plan: HostPlan): readonly (LockstepChange & { readonly id: string })[] {
  return plan.steps.flatMap((step) =>
    step.is === 'change' && step.change.lockstep !== undefined
      ? [{ id: step.resource.id, ...step.change.lockstep }]
      : [],
  );
}

/** The lockstep changes, and everything that needs them. */
function deferredIds(plan: HostPlan): ReadonlySet<string> {
  const deferred = new Set(lockstepChanges(plan).map(({ id }) => id));
  for (const { resource } of pendingSteps(plan)) {
    if (resource.needs.some((id) => deferred.has(id))) {
      deferred.add(resource.id);
    }
  }
  return deferred;
}

function inBatches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const batches: T[][] = [];
  for (let start = 0; start < items.length; start += size) {
    batches.push(items.slice(start, start + size));
  }
  return batches;
}
