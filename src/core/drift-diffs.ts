import type { DriftReport, Finding } from './drift.ts';
import { findingsOf, type PastCheck } from './drift-spans.ts';
import type { FileDiff } from './resource.ts';

/** A finding's diff, and the check whose record has it. */
export interface HeldDiff {
  readonly check: string;
  readonly diff: FileDiff;
}

/**
 * The diffs of the findings of the last check, by the findings' ids; what lasts for weeks is written down once.
 *
 * @param checks oldest first
 */
export function heldDiffs(checks: readonly PastCheck[]): ReadonlyMap<string, HeldDiff> {
  const held = new Map<string, HeldDiff>();
  for (const { report, sameDiff = {} } of checks) {
    for (const { id, diff } of findingsOf(report)) {
      if (diff !== undefined) {
        held.set(id, { check: report.id, diff });
      } else if (held.get(id)?.check !== sameDiff[id]) {
        held.delete(id);
      }
    }
  }
  return held;
}

/** A check with the diffs that stand in the records of others. */
export function withDiffs({ report, sameDiff = {} }: PastCheck, checks: readonly PastCheck[]): DriftReport {
  const diffIn = (check: string | undefined, id: string) =>
    checks
      .filter((other) => other.report.id === check)
      .flatMap((other) => findingsOf(other.report))
      .find((finding) => finding.id === id)?.diff;
  const filled = (finding: Finding): Finding => {
    const diff = diffIn(sameDiff[finding.id], finding.id);
    return diff === undefined ? finding : { ...finding, diff };
  };
  return {
    ...report,
    findings: report.findings.map(filled),
    ignored: report.ignored.map(({ finding, rule }) => ({ finding: filled(finding), rule })),
  };
}
