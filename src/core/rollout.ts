import { pendingSteps, type HostPlan } from './plan.ts';

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
 * Hosts that must change something in lockstep, such as the VRRP version, are silenced one by one until
 * the last one has changed; only then do they go on.
 */
export function planRollout(
  plans: readonly HostPlan[],
  rank: (host: string) => number,
  serial: number,
): Rollout {
  const order = plans
    .filter((plan) => pendingSteps(plan).length > 0)
    .toSorted((a, b) => rank(a.host) - rank(b.host));
  const lockstep = order.filter((plan) => lockstepIds(plan).size > 0);
  const last = lockstep.at(-1);
  const turns = order.map((plan): Turn => ({
    plan,
    deferred: plan === last ? new Set() : deferredIds(plan),
  }));
  return { batches: inBatches(turns, serial), afterwards: turns.filter((turn) => turn.deferred.size > 0) };
}

function lockstepIds(plan: HostPlan): ReadonlySet<string> {
  return new Set(
    plan.steps.flatMap((step) => (step.is === 'change' && step.change.quiesce ? [step.resource.id] : [])),
  );
}

/** The lockstep changes, and everything that needs them. */
function deferredIds(plan: HostPlan): ReadonlySet<string> {
  const deferred = new Set(lockstepIds(plan));
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
