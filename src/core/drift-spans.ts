import type { DriftHost, DriftReport, Finding, FindingSpan } from './drift.ts';

/** A check, and what it knew from those before it. */
export interface PastCheck {
  readonly report: DriftReport;
  /** ISO 8601, UTC: since when findings of its are there, by id; the checks before it may be forgotten by now. */
  readonly since?: Readonly<Record<string, string>> | undefined;
  /** Where diffs are that the report leaves out: ids of checks, by the ids of findings. */
  readonly sameDiff?: Readonly<Record<string, string>> | undefined;
}

/** A span while checks are gone through. */
interface Growing extends FindingSpan {
  readonly host: string | undefined;
  /** What the last check that saw it was of. */
  readonly playbook: string;
}

/**
 * When each finding was there, by the checks that are known; the first seen first.
 *
 * What is ignored is there as well. A check tells that something is gone when it was of the same playbook and looked
 * at what it is about: hosts that were not asked, did not answer or were being worked on tell nothing. What comes back
 * after it was gone begins a new span.
 *
 * @param checks oldest first
 */
export function spansOf(checks: readonly PastCheck[]): readonly FindingSpan[] {
  const open = new Map<string, Growing>();
  const closed: Growing[] = [];
  for (const { report, since = {} } of checks) {
    const seen = new Map(findingsOf(report).map((finding) => [finding.id, finding]));
    for (const [id, span] of open) {
      if (!seen.has(id) && tellsGone(report, span)) {
        open.delete(id);
        closed.push({ ...span, isOpen: false });
      }
    }
    for (const [id, { host }] of seen) {
      const { at: lastSeen, playbook } = report;
      const firstSeen = open.get(id)?.firstSeen ?? since[id] ?? lastSeen;
      const openForMs = Date.parse(lastSeen) - Date.parse(firstSeen);
      open.set(id, { id, firstSeen, lastSeen, openForMs, isOpen: true, host, playbook });
    }
  }
  return [...closed, ...open.values()]
    .toSorted((a, b) => a.firstSeen.localeCompare(b.firstSeen))
    .map(({ host: _host, playbook: _playbook, ...span }) => span);
}

/** Since when each finding of a check is there, by id. */
export function sinceOf(report: DriftReport, spans: readonly FindingSpan[]): NonNullable<PastCheck['since']> {
  const ids = new Set(findingsOf(report).map(({ id }) => id));
  const open = spans.filter(({ id, isOpen }) => isOpen && ids.has(id));
  return Object.fromEntries(open.map(({ id, firstSeen }) => [id, firstSeen]));
}

/** Everything a check found, what need not be reported too. */
export function findingsOf({ findings, ignored }: DriftReport): readonly Finding[] {
  return [...findings, ...ignored.map(({ finding }) => finding)];
}

/** Whether it is known how a host stands. */
export function isLookedAt({ status }: Pick<DriftHost, 'status'>): boolean {
  return status !== 'unreachable' && status !== 'failed' && status !== 'suppressed';
}

function tellsGone(report: DriftReport, { host, playbook }: Growing): boolean {
  if (report.playbook !== playbook) {
    return false;
  }
  const looked = new Set(report.hosts.filter(isLookedAt).map((one) => one.host));
  const all = [...report.cluster.hosts, ...report.hosts].map((one) => one.host);
  return host === undefined
    ? report.cluster.unreachable.length === 0 && all.every((one) => looked.has(one))
    : looked.has(host);
}
