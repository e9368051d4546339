import type { RunResult } from '../core/result.ts';
import { printedDocument, runDocument, type Unified } from './document.ts';
import type { Ink } from './ink.ts';
import type { Outcome } from './reporter.ts';

/** One JSON document at the end, nothing before it. */
export function jsonOutcome(
  write: (text: string) => void,
  ink: Ink,
  options: { readonly diff: boolean },
): Pick<Outcome, 'end'> {
  return {
    end: async (result) => {
      const unified = options.diff ? await loadUnified(result, ink) : undefined;
      const document = runDocument(result, unified);
      write(printedDocument(document, ink.masked));
    },
  };
}

async function loadUnified(result: RunResult, ink: Ink): Promise<Unified> {
  if (!hasDiff(result)) {
    return () => '';
  }
  const { unifiedText } = await import('./file-diff.ts');
  return (file) => unifiedText(file, ink.masked);
}

function hasDiff(result: RunResult): boolean {
  return result.hosts.some((host) =>
    host.plan?.steps.some((step) => step.is === 'change' && (step.change.diff ?? []).length > 0),
  );
}
