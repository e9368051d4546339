import type { Facts } from './facts.ts';
import type { Seen } from './query.ts';
import type { Change, Resource } from './resource.ts';

/** One resource's part of a plan. */
export type PlanStep =
  | { readonly is: 'ok'; readonly resource: Resource }
  | { readonly is: 'change'; readonly resource: Resource; readonly change: Change }
  | { readonly is: 'unknown'; readonly resource: Resource; readonly reason: string };

/** What has to be done on one host, in order. */
export interface HostPlan {
  readonly host: string;
  readonly steps: readonly PlanStep[];
}

export type PlannedChange = Extract<PlanStep, { is: 'change' }>;

/**
 * The plan of one host: every resource compared with what was seen, in the order declared.
 *
 * Pure: the same reading gives the same plan.
 */
export function planHost(host: string, resources: readonly Resource[], seen: Seen, facts: Facts): HostPlan {
  const changing = new Set<string>();
  const steps = resources.map((resource): PlanStep => {
    const verdict = resource.plan(seen, { facts, changes: (id) => changing.has(id) });
    if (verdict.is === 'ok') {
      return { is: 'ok', resource };
    }
    changing.add(resource.id);
    return { ...verdict, resource };
  });
  return { host, steps };
}

/** The steps that change something or may, in order. */
export function pendingSteps(plan: HostPlan): readonly Exclude<PlanStep, { is: 'ok' }>[] {
  return plan.steps.filter((step) => step.is !== 'ok');
}

/** Ids of the resources that change or may, in order: what check predicts and apply reports. */
export function changeIds(plan: HostPlan): readonly string[] {
  return pendingSteps(plan).map((step) => step.resource.id);
}
