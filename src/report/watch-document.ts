import { totalLost, type TargetReport, type WatchReport, type WatchResult } from '../core/watch.ts';

/** What clients saw while hosts changed. Times are milliseconds since the watch began. */
export interface WatchDocument {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** How long requests were sent. */
  readonly ms: number;
  readonly requestsPerSecond: number;
  /** Lost requests, all targets together. */
  readonly lost: number;
  /** More than this fail the run; absent when there is no limit. */
  readonly maxLost?: number;
  readonly targets: readonly WatchedTargetDocument[];
  readonly prober: {
    /** How late it was at worst; a gap as short may be its own. */
    readonly latestMs: number;
    /** Requests it did not send because it was late by more than their timeout. */
    readonly skipped: number;
    /** It reached its own limit, and did not see the rest of the run. */
    readonly endedEarly: boolean;
  };
}

export interface WatchedTargetDocument {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly host: string;
  readonly tls: boolean;
  /** The sum of `unserved`, `answered` and `lost`. */
  readonly sent: number;
  /** Requests before the first one that was answered: nothing was served yet, and nothing lost. */
  readonly unserved: number;
  readonly answered: number;
  readonly lost: number;
  /** How often each reason was seen: `{ "refused": 2, "status 503": 1 }`. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Answered, but only after 100 ms or more. */
  readonly slow: number;
  /** The longest time in which no request was answered; 0 when nothing was lost. */
  readonly longestGapMs: number;
  /** Not answered any more at the end. */
  readonly lostAtEnd: boolean;
  /** From sending to the whole answer; absent, as `servedSinceMs` is, when no request was answered. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly slowestMs?: number;
  /** When the first answered request was sent. */
  readonly servedSinceMs?: number;
}

/** What was watched, as it stands in the document; `undefined` when there is nothing to tell. */
export function watchDocument({ report, maxLost }: WatchResult): WatchDocument | undefined {
  return report === undefined ? undefined : documentOf(report, maxLost);
}

function documentOf(report: WatchReport, maxLost: number | undefined): WatchDocument {
  const { startedAt, ms, intervalMs, targets, latestMs, skipped, endedEarly } = report;
  return {
    startedAt: new Date(startedAt).toISOString(),
    ms: Math.round(ms),
    requestsPerSecond: Math.round(1000 / intervalMs),
    lost: totalLost(report),
    ...(maxLost !== undefined && { maxLost }),
    targets: targets.map(targetDocument),
    prober: { latestMs: tenths(latestMs), skipped, endedEarly },
  };
}

function targetDocument(report: TargetReport): WatchedTargetDocument {
  const { sent, unserved, answered, lost, reasons, slow, longestGapMs, lostAtEnd } = report;
  const { address, port, path, host, tls = false } = report.target;
  const { p50Ms, p99Ms, slowestMs, servedSinceMs } = report;
  return {
    address,
    port,
    path,
    host,
    tls,
    sent,
    unserved,
    answered,
    lost,
    reasons,
    slow,
    longestGapMs: tenths(longestGapMs),
    lostAtEnd,
    ...(p50Ms !== undefined && { p50Ms: tenths(p50Ms) }),
    ...(p99Ms !== undefined && { p99Ms: tenths(p99Ms) }),
    ...(slowestMs !== undefined && { slowestMs: tenths(slowestMs) }),
    ...(servedSinceMs !== undefined && { servedSinceMs: Math.round(servedSinceMs) }),
  };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
