/** A request that clients make, sent over and over while hosts change. */
export interface WatchTarget {
  /** IP address; a name would be looked up for every request. */
  readonly address: string;
  readonly port: number;
  readonly path: string;
  /** Host header. */
  readonly host: string;
  /** Over TLS; the certificate is not verified. */
  readonly tls?: boolean;
}

/**
 * Why a request counts as lost.
 *
 * `not connected`, `TLS not answered` and `not answered` are timeouts, by how far the request had come;
 * `TLS failed` is a handshake that ended in an error; `cut short` ended before all that was announced had come;
 * `not HTTP` is an answer of another protocol; `error EMFILE` is trouble of the prober's own machine.
 */
export type Loss =
  | 'refused'
  | 'reset'
  | 'unreachable'
  | 'not connected'
  | 'TLS failed'
  | 'TLS not answered'
  | 'not answered'
  | 'cut short'
  | 'not HTTP'
  | `status ${number}`
  | `error ${string}`;

/** How one request ended; a status of 500 or more is a loss, any other is an answer: there is somebody who serves. */
export type Outcome =
  | { readonly is: 'answered'; readonly status: number }
  | { readonly is: 'lost'; readonly reason: Loss };

/** A run of lost requests of one target without an answered one between them. */
export interface Gap {
  /** When the first request of the run was sent. */
  readonly fromMs: number;
  /** When the first request after it that was answered was sent; the end of the watch when none was. */
  readonly toMs: number;
  /** Requests lost in it. */
  readonly lost: number;
  /** No request was answered any more: the outage may be longer than what was seen of it. */
  readonly open: boolean;
}

/**
 * What the clients of one target saw.
 *
 * Losses count from the first request that was answered: a port that is not served yet has lost nothing.
 */
export interface TargetReport {
  readonly target: WatchTarget;
  /** The sum of `unserved`, `answered` and `lost`. */
  readonly sent: number;
  /** Requests before the first one that was answered. */
  readonly unserved: number;
  /** When the first answered request was sent; `undefined` when none was answered. */
  readonly servedSinceMs: number | undefined;
  readonly answered: number;
  readonly lost: number;
  /** How often each reason was seen, the most frequent first. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Answered, but only after the prober's `slowMs` or more. */
  readonly slow: number;
  /** By time; of very many only the longest hundred. */
  readonly gaps: readonly Gap[];
  /** Length of the longest gap; 0 when nothing was lost. */
  readonly longestGapMs: number;
  /** Not answered any more at the end. */
  readonly lostAtEnd: boolean;
  /** Time from sending to the whole answer, of the answered requests; `undefined` without any. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly slowestMs: number | undefined;
}

/** What clients saw while a prober ran. Times are milliseconds since its start. */
export interface WatchReport {
  /** When it started, milliseconds since 1970. */
  readonly startedAt: number;
  /** How long it sent. */
  readonly ms: number;
  readonly intervalMs: number;
  readonly targets: readonly TargetReport[];
  /** How late the prober itself was at worst; an outage shorter than this may be its own. */
  readonly latestMs: number;
  /** Requests it did not send because it was late by more than their timeout. */
  readonly skipped: number;
  /** It ended at a bound of its own, before it was told to. */
  readonly endedEarly: boolean;
}

/** Losses of one target so far, told while they happen: at once for the first, then once a second at most. */
export interface LostSoFar {
  /** Index of the target. */
  readonly target: number;
  /** Why the latest was lost. */
  readonly reason: Loss;
  readonly lost: number;
}

/** Requests that are being sent. */
export interface Watcher {
  /** How the first request to each target ended. */
  readonly first: readonly Outcome[];
  /**
   * Sends nothing more; the report comes when every request has ended.
   *
   * @throws Error the prober ended before, and what clients saw is not known
   */
  stop(): Promise<WatchReport>;
}

/** What a run is told about watching. */
export interface WatchRequest {
  readonly targets: readonly WatchTarget[];
  /** Requests per second to each target. */
  readonly perSecond: number;
  /** More lost requests than this, all targets together, fail the run; not limited when left out. */
  readonly maxLost?: number | undefined;
  /**
   * Resolves once each target's first request has ended.
   *
   * @param onLost told of losses while they happen
   * @throws Error nothing can be sent
   */
  start(onLost: (lost: LostSoFar) => void): Promise<Watcher>;
}

/** What was watched of a run. */
export interface WatchResult {
  /** Absent when the prober could not be started, or did not live to tell. */
  readonly report?: WatchReport;
  readonly maxLost?: number | undefined;
}

/** Requests lost, all targets together. */
export function totalLost({ targets }: WatchReport): number {
  return targets.reduce((sum, { lost }) => sum + lost, 0);
}

/** Whether more requests were lost than may be. */
export function isTooMuchLost(
  watch: WatchResult | undefined,
): watch is WatchResult & { readonly report: WatchReport } {
  const { report, maxLost } = watch ?? {};
  return report !== undefined && maxLost !== undefined && totalLost(report) > maxLost;
}

/** Requests that a busy machine may leave out without making what was counted a guess. */
const SKIPPED_AT_MOST = 10;

/** Whether losses are limited and not all were counted: the prober ended before the run did, or did not keep up. */
export function isUncounted(watch: WatchResult | undefined): boolean {
  const { report, maxLost } = watch ?? {};
  return (
    report !== undefined && maxLost !== undefined && (report.endedEarly || report.skipped > SKIPPED_AT_MOST)
  );
}

/** What targets are called: `172.25.254.130:80`, with host and path only where that is not enough to tell them apart. */
export function targetNames(targets: readonly WatchTarget[]): readonly string[] {
  const places = targets.map(
    ({ address, port }) => `${address.includes(':') ? `[${address}]` : address}:${port}`,
  );
  return targets.map(({ host, path }, index) => {
    const place = places[index] ?? '';
    const isAlone = places.filter((other) => other === place).length === 1;
    return isAlone ? place : `${place} ${host}${path}`;
  });
}
