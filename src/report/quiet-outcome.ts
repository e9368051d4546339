import type { Ink } from './ink.ts';
import type { Outcome } from './reporter.ts';
import { allTroubles } from './summary-text.ts';
import { troubleText } from './trouble-text.ts';

/** Nothing but what went wrong; the exit code says the rest. */
export function quietOutcome(write: (text: string) => void, ink: Ink): Pick<Outcome, 'end'> {
  return {
    end: async (result) => {
      for (const trouble of allTroubles(result)) {
        write(`${troubleText(trouble, ink)}\n`);
      }
      for (const { check, judgement } of result.checks.filter((each) => !each.judgement.ok)) {
        write(`${ink.red(ink.symbols.no)} ${ink.line(check)}: ${ink.line(judgement.detail)}\n`);
      }
    },
  };
}
