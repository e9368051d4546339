import { InvalidInput, RunError } from './error.ts';
import type { Facts } from './facts.ts';
import type { Seen } from './query.ts';
import type { Change, PlanContext, Resource, Verdict } from './resource.ts';
import { roleFault } from './role-fault.ts';

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
 *
 * @throws InvalidInput the role's own code failed: content that this host's facts do not allow, for instance
 */
export function planHost(host: string, resources: readonly Resource[], seen: Seen, facts: Facts): HostPlan {
  const changing = new Set<string>();
  const steps = resources.map((resource): PlanStep => {
    const verdict = judge(host, resource, seen, { facts, changes: (id) => changing.has(id) });
    if (verdict.is === 'ok') {
      return { is: 'ok', resource };
    }
    changing.add(resource.id);
    return { ...verdict, resource };
  });
  return { host, steps };
}

function judge(host: string, resource: Resource, seen: Seen, context: PlanContext): Verdict {
  try {
    return resource.plan(seen, context);
  } catch (error) {
    if (error instanceof RunError) {
      throw error;
    }
    const hint = `correct the role, or what it was given: run-playbook vars ${host}`;
    throw new InvalidInput([{ host, resource: resource.id, hint, ...roleFault(error) }]);
  }
}

/** The steps that change something or may, in order. */
export function pendingSteps(plan: HostPlan): readonly Exclude<PlanStep, { is: 'ok' }>[] {
  return plan.steps.filter((step) => step.is !== 'ok');
}

/** Ids of the resources that change or may, in order: what check predicts and apply reports. */
export function changeIds(plan: HostPlan): readonly string[] {
  return pendingSteps(plan).map((step) => step.resource.id);
}
