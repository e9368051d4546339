import type { Loss, Sample } from './sample.ts';

/** A run of failed requests without a successful one between them. */
export interface Gap {
  /** When the first request of the run was sent. */
  readonly fromMs: number;
  /** When the first request after it that succeeded was sent; the end of the watch when none did. */
  readonly toMs: number;
  /** Requests lost in it. */
  readonly lost: number;
  /** No request succeeded any more: the outage may be longer than what was seen of it. */
  readonly open: boolean;
}

export interface LostRequest {
  readonly sentMs: number;
  readonly reason: Loss;
}

/** What the clients of one port saw. */
export interface PortReport {
  readonly port: number;
  readonly sent: number;
  readonly answered: number;
  /** By time sent. */
  readonly lost: readonly LostRequest[];
  /** Answered, but only after `slowMs` or more. */
  readonly slow: number;
  readonly gaps: readonly Gap[];
  /** Length of the longest gap; 0 when nothing was lost. */
  readonly longestGapMs: number;
  /** Time from sending to the whole answer, of the answered requests; `undefined` without any. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly slowestMs: number | undefined;
}

export interface ReportOptions {
  readonly ports: readonly number[];
  readonly slowMs: number;
  /** When the last request could have been sent. */
  readonly endMs: number;
}

/** What each port's requests amount to, in the order of `ports`; samples may come in any order. */
export function portReports(samples: readonly Sample[], options: ReportOptions): readonly PortReport[] {
  return options.ports.map((port) => {
    const own = samples.filter((sample) => sample.port === port).toSorted((a, b) => a.sentMs - b.sentMs);
    return portReport(port, own, options);
  });
}

function portReport(port: number, samples: readonly Sample[], { slowMs, endMs }: ReportOptions): PortReport {
  const lost = samples.flatMap(({ sentMs, outcome }) =>
    outcome.is === 'lost' ? [{ sentMs, reason: outcome.reason }] : [],
  );
  const times = samples
    .filter(({ outcome }) => outcome.is === 'answered')
    .map(({ sentMs, endedMs }) => endedMs - sentMs)
    .toSorted((a, b) => a - b);
  const gaps = gapsIn(samples, endMs);
  return {
    port,
    sent: samples.length,
    answered: times.length,
    lost,
    slow: times.filter((ms) => ms >= slowMs).length,
    gaps,
    longestGapMs: Math.max(0, ...gaps.map(({ fromMs, toMs }) => toMs - fromMs)),
    p50Ms: percentile(times, 50),
    p99Ms: percentile(times, 99),
    slowestMs: times.at(-1),
  };
}

function gapsIn(samples: readonly Sample[], endMs: number): readonly Gap[] {
  const gaps: Gap[] = [];
  let running: { readonly fromMs: number; readonly lost: number } | undefined;
  for (const { sentMs, outcome } of samples) {
    if (outcome.is === 'lost') {
      running = { fromMs: running?.fromMs ?? sentMs, lost: (running?.lost ?? 0) + 1 };
    } else if (running !== undefined) {
      gaps.push({ ...running, toMs: sentMs, open: false });
      running = undefined;
    }
  }
  return running === undefined ? gaps : [...gaps, { ...running, toMs: endMs, open: true }];
}

/** Nearest rank: a value that was measured, never one in between. */
function percentile(sorted: readonly number[], percent: number): number | undefined {
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1];
}
