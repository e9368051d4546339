import type { HostPlan } from '../core/plan.ts';
import type { Ink } from './ink.ts';
import { planText, type PlanTextOptions } from './plan-text.ts';
import type { Outcome } from './reporter.ts';
import { summaryText, type SummaryOptions } from './summary-text.ts';

/** The plan and the summary as text for a person. */
export function textOutcome(
  write: (text: string) => void,
  ink: Ink,
  options: PlanTextOptions & SummaryOptions,
): Outcome {
  let isPlanShown = false;
  const plan = async (plans: readonly HostPlan[]) => {
    isPlanShown = true;
    const text = await planText(plans, ink, options);
    write(text === '' ? '' : `${text}\n`);
  };
  return {
    plan,
    end: async (result) => {
      const plans = result.hosts.flatMap((host) => host.plan ?? []);
      // The plan is the result of a check; after a run without changes it has nothing to add.
      if (!isPlanShown && (options.all || result.hosts.some((host) => host.status === 'pending'))) {
        await plan(plans);
      }
      write(summaryText(result, ink, { ...options, planShown: isPlanShown }));
    },
  };
}
