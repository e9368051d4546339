import type { HostLine, HostOutcome, RunRecord } from './audit.ts';

/** One run, as far as it is known from the controller's record and the hosts' logs. */
export interface HistoryRun extends Omit<RunRecord, 'v' | 'project' | 'inventory' | 'selected' | 'hosts'> {
  readonly hosts: Readonly<Record<string, HostOutcome>>;
  /** Where it is written down: `local` here, or hosts. */
  readonly known: readonly string[];
}

/**
 * Every run once, the last begun first.
 *
 * @param records of the controller; of two of one run the later one counts
 * @param lines of hosts, oldest first; what a host says of itself counts more than what the controller saw
 */
export function mergeHistory(
  records: readonly RunRecord[],
  lines: readonly HostLine[],
): readonly HistoryRun[] {
  const runs = new Map<string, HistoryRun>();
  for (const { hosts = {}, ...record } of records) {
    runs.set(record.run, { ...shown(record), hosts, known: ['local'] });
  }
  for (const { v: _v, host, result, why, changes, ...rest } of lines) {
    const before = runs.get(rest.run);
    const outcome = { result, ...(why !== undefined && { why }), changes };
    const known = before?.hosts ?? {};
    const earlier = Object.hasOwn(known, host) ? known[host] : undefined;
    const hosts = { ...known, [host]: merged(earlier, outcome) };
    const tellers = [...new Set([...(before?.known ?? []), host])];
    runs.set(rest.run, { ...rest, ...before, hosts, known: tellers });
  }
  return [...runs.values()].toSorted((a, b) => b.start.localeCompare(a.start));
}

/** A host that has taken a run back by itself knows no changes, only that it did. */
function merged(before: HostOutcome | undefined, now: HostOutcome): HostOutcome {
  return now.changes.length === 0 && before !== undefined ? { ...now, changes: before.changes } : now;
}

/** What a host would know of a run too. */
function shown({ v: _v, project: _project, inventory: _inventory, selected: _selected, ...rest }: RunRecord) {
  return rest;
}
