import type { Ink } from './ink.ts';
import { warningsText } from './lint-text.ts';
import { planText, type PlanTextOptions } from './plan-text.ts';
import type { Outcome, Planned } from './reporter.ts';
import { summaryText, type SummaryOptions } from './summary-text.ts';

/** The plan with what should be known before it is applied, each ending with an empty line. */
export async function plannedText(
  { plans, warnings }: Planned,
  ink: Ink,
  options: PlanTextOptions,
): Promise<string> {
  const plan = await planText(plans, ink, options);
  const warned = warnings.length === 0 ? '' : `${warningsText(warnings, ink)}\n`;
  return [plan, warned].map((part) => (part === '' ? '' : `${part}\n`)).join('');
}

/** The plan and the summary as text for a person. */
export function textOutcome(
  write: (text: string) => void,
  ink: Ink,
  options: PlanTextOptions & SummaryOptions,
): Outcome {
  let isPlanShown = false;
  let areWarningsShown = false;
  const plan = async (planned: Planned) => {
    isPlanShown = true;
    areWarningsShown = planned.warnings.length > 0;
    write(await plannedText(planned, ink, options));
  };
  return {
    plan,
    end: async (result) => {
      const plans = result.hosts.flatMap((host) => host.plan ?? []);
      // The plan is the result of a check; after a run without changes it has nothing to add.
      if (!isPlanShown && (options.all || result.hosts.some((host) => host.status === 'pending'))) {
        await plan({ plans, warnings: [] });
      }
      const warnings = areWarningsShown ? [] : result.warnings;
      write(summaryText({ ...result, warnings }, ink, { ...options, planShown: isPlanShown }));
    },
  };
}
