import type { DriftReport } from '../core/drift.ts';
import { EXIT } from '../core/error.ts';
import type { Advice, CommandLine } from './advice.ts';
import { hostNames } from './phrases.ts';

/** Command lines for what was checked: the check again, the same that repairs, and the playbook. */
export interface DriftCommandLines {
  readonly drift: CommandLine;
  readonly fix: CommandLine;
  readonly run: CommandLine;
}

/** What to do now, the first thing first; empty when there is nothing left to do. */
export function driftAdvice(
  report: DriftReport,
  { drift, fix, run }: DriftCommandLines,
  { diff: isDiffShown }: { readonly diff: boolean },
): readonly Advice[] {
  const { exit, findings } = report;
  const silent = report.hosts.filter(({ status }) => status === 'unreachable' || status === 'failed');
  const differing = findings.filter(({ diff }) => diff !== undefined);
  const repairable = findings.filter(({ resource }) => resource !== undefined);
  const drifted = repairable.filter(({ severity }) => severity === 'drift');
  const left = repairable.filter(({ severity }) => severity !== 'drift');
  const isLost = exit === EXIT.degraded && repairable.length === 0 && silent.length === 0;
  return [
    ...when(
      differing.length > 0 && !isDiffShown,
      'What differs in files:',
      drift({ diff: true, limit: hostsOf(differing, report) }),
    ),
    ...when(drifted.length > 0, 'To put back what drifted:', fix({ limit: hostsOf(drifted, report) })),
    ...when(left.length > 0, 'To apply all that is declared:', run({ limit: hostsOf(left, report) })),
    ...when(
      silent.length > 0,
      `Make ${hostNames(silent.map(({ host }) => host))} reachable, then check again:`,
      drift({}),
    ),
    ...when(isLost, 'Once it is repaired, check again:', drift({})),
  ];
}

function when(isSo: boolean, say: string, command: string): readonly Advice[] {
  return isSo ? [{ say, command }] : [];
}

/** Hosts to limit a command to; none where it would be all of them. */
function hostsOf(findings: DriftReport['findings'], { hosts }: DriftReport): readonly string[] {
  const named = hosts.map(({ host }) => host).filter((name) => findings.some(({ host }) => host === name));
  return named.length === hosts.length ? [] : named;
}
