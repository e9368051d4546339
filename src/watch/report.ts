import type { Gap, Loss, TargetReport, WatchTarget } from '../core/watch.ts';
import type { Sample } from './sample.ts';

export interface ReportOptions {
  readonly targets: readonly WatchTarget[];
  readonly slowMs: number;
  /** When the last request could have been sent. */
  readonly endMs: number;
}

const MAX_GAPS = 100;

/** What each target's requests amount to, in the order of `targets`; samples may come in any order. */
export function targetReports(samples: readonly Sample[], options: ReportOptions): readonly TargetReport[] {
  return options.targets.map((target, index) => {
    const own = samples.filter((sample) => sample.target === index).toSorted((a, b) => a.sentMs - b.sentMs);
    return targetReport(target, own, options);
  });
}

function targetReport(
  target: WatchTarget,
  samples: readonly Sample[],
  { slowMs, endMs }: ReportOptions,
): TargetReport {
  const first = samples.findIndex(({ outcome }) => outcome.is === 'answered');
  const unserved = first === -1 ? samples.length : first;
  const counted = samples.slice(unserved);
  const times = counted
    .filter(({ outcome }) => outcome.is === 'answered')
    .map(({ sentMs, endedMs }) => endedMs - sentMs)
    .toSorted((a, b) => a - b);
  const gaps = gapsIn(counted, endMs).toSorted((a, b) => length(b) - length(a));
  return {
    target,
    sent: samples.length,
    unserved,
    servedSinceMs: counted[0]?.sentMs,
    answered: times.length,
    lost: counted.length - times.length,
    reasons: reasonsOf(counted),
    slow: times.filter((ms) => ms >= slowMs).length,
    gaps: gaps.slice(0, MAX_GAPS).toSorted((a, b) => a.fromMs - b.fromMs),
    longestGapMs: gaps[0] === undefined ? 0 : length(gaps[0]),
    lostAtEnd: counted.at(-1)?.outcome.is === 'lost',
    p50Ms: percentile(times, 50),
    p99Ms: percentile(times, 99),
    slowestMs: times.at(-1),
  };
}

function reasonsOf(samples: readonly Sample[]): TargetReport['reasons'] {
  const counts = new Map<Loss, number>();
  for (const { outcome } of samples) {
    if (outcome.is === 'lost') {
      counts.set(outcome.reason, (counts.get(outcome.reason) ?? 0) + 1);
    }
  }
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a));
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

function length({ fromMs, toMs }: Gap): number {
  return toMs - fromMs;
}

/** Nearest rank: a value that was measured, never one in between. */
function percentile(sorted: readonly number[], percent: number): number | undefined {
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1];
}
