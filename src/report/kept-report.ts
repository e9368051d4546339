import type { DriftReport, Finding } from '../core/drift.ts';
import type { HeldDiff } from '../core/drift-diffs.ts';
import type { PastCheck } from '../core/drift-spans.ts';
import type { FileDiff } from '../core/resource.ts';
import { withoutOldSecrets } from './old-secrets.ts';

/** Characters of both texts of a file beyond which they are left out. */
const MAX_DIFF = 16 * 1024;
/** The same of all files of a report. */
const MAX_DIFFS = 128 * 1024;

/**
 * A report as it is kept for later: without secrets, without the texts of files that are large or are kept already, and
 * without what the last run changed, which is written down elsewhere.
 *
 * @param held diffs that are kept already, by the ids of findings
 * @param masked replaces the secrets that are known
 */
export function keptReport(
  report: DriftReport,
  held: ReadonlyMap<string, HeldDiff>,
  masked: (text: string) => string,
): Pick<PastCheck, 'report' | 'sameDiff'> {
  const sameDiff: Record<string, string> = {};
  let room = MAX_DIFFS;
  const kept = ({ diff: whole, ...finding }: Finding): Finding => {
    const diff = whole && withoutSecrets(whole, masked);
    const size = (diff?.before?.length ?? 0) + (diff?.after?.length ?? 0);
    const before = held.get(finding.id);
    if (diff === undefined || size > Math.min(room, MAX_DIFF)) {
      return finding;
    }
    if (before !== undefined && JSON.stringify(before.diff) === JSON.stringify(diff)) {
      sameDiff[finding.id] = before.check;
      return finding;
    }
    room -= size;
    return { ...finding, diff };
  };
  const { cluster } = report;
  const short = {
    ...report,
    ms: Math.round(report.ms),
    findings: report.findings.map(kept),
    ignored: report.ignored.map(({ finding, rule }) => ({ finding: kept(finding), rule })),
    cluster: {
      ...cluster,
      hosts: cluster.hosts.map(({ lastRun, ...host }) => ({
        ...host,
        ...(lastRun !== undefined && { lastRun: { ...lastRun, changes: [] } }),
      })),
    },
  };
  return { report: everyText(short, masked), sameDiff };
}

function withoutSecrets({ path, before, after }: FileDiff, masked: (text: string) => string): FileDiff {
  const wanted = after === undefined ? undefined : masked(after);
  const found = before === undefined ? undefined : withoutOldSecrets(masked(before), wanted ?? '');
  return { path: masked(path), before: found, after: wanted };
}

function everyText<T>(value: T, masked: (text: string) => string): T {
  const text = JSON.stringify(value, (_, one: unknown) => (typeof one === 'string' ? masked(one) : one));
  return JSON.parse(text) as T;
}
