import type { HostPlan, PlanStep } from '../../src/core/plan.ts';
import { OK, type Resource } from '../../src/core/resource.ts';
import { planRollout, type Turn } from '../../src/core/rollout.ts';
import { rawScript } from '../../src/core/script.ts';
import type { Data } from './case.ts';

interface WrittenStep {
  readonly id: string;
  readonly needs?: readonly string[];
  /** All hosts must agree on what it changes: it runs with something else, or it does not run. */
  readonly lockstep?: 'disagrees' | 'stopped';
}

interface WrittenHost {
  readonly rank: number;
  /** Ids that change, or ids with what they need. */
  readonly changes?: readonly (string | WrittenStep)[];
}

/** In which order hosts that plan `changes` take their turns. */
export function planOrder(given: Data): unknown {
  const { serial = 1, hosts } = given as {
    readonly serial?: number;
    readonly hosts: Readonly<Record<string, WrittenHost>>;
  };
  const plans = Object.entries(hosts).map(([host, { changes = [] }]): HostPlan => ({
    host,
    steps: changes.map(stepFrom),
  }));
  const { batches, afterwards } = planRollout(plans, (host) => hosts[host]?.rank ?? 0, serial);
  return { batches: batches.map((batch) => batch.map(shownTurn)), afterwards: afterwards.map(shownTurn) };
}

function stepFrom(written: string | WrittenStep): PlanStep {
  const { id, needs = [], lockstep } = typeof written === 'string' ? { id: written } : written;
  const resource: Resource = { id, kind: id.split(' ')[0] ?? id, needs, reads: {}, plan: () => OK };
  const agreed =
    lockstep === undefined
      ? {}
      : {
          lockstep: { disagrees: lockstep === 'disagrees', quiesce: rawScript(':'), resume: rawScript(':') },
        };
  return { is: 'change', resource, change: { summary: 'changed', apply: rawScript(':'), ...agreed } };
}

function shownTurn({ plan, deferred }: Turn): unknown {
  return deferred.size === 0 ? plan.host : { host: plan.host, deferred: [...deferred] };
}
