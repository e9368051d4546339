import { setTimeout as pause } from 'node:timers/promises';
import { holders, VIP, type HostName } from './pair.ts';

/** What was seen of the VIP while it was watched. */
export interface HolderReport {
  readonly polls: number;
  /** The usual and the longest time between two polls. */
  readonly meanPauseMs: number;
  readonly longestPauseMs: number;
  /** Polls that found it on both hosts at once. */
  readonly onBoth: number;
  /** Every change: `0.00 s svr1`, `1.25 s nobody`. */
  readonly course: readonly string[];
}

/** Looks every `everyMs` who carries the VIP, until stopped. */
export function watchHolders(
  name: string,
  { everyMs = 10, vip = VIP }: { readonly everyMs?: number; readonly vip?: string } = {},
): { stop(): Promise<HolderReport> } {
  const start = performance.now();
  const course: string[] = [];
  let [polls, onBoth, longestPauseMs, lastMs] = [0, 0, 0, start];
  let last: string | undefined;
  const over = new AbortController();

  async function watch(): Promise<void> {
    while (!over.signal.aborted) {
      const seen: readonly HostName[] = holders(name, vip);
      const now = performance.now();
      longestPauseMs = Math.max(longestPauseMs, now - lastMs);
      lastMs = now;
      polls++;
      onBoth += seen.length > 1 ? 1 : 0;
      const shown = seen.join(' and ') || 'nobody';
      if (shown !== last) {
        course.push(`${((now - start) / 1000).toFixed(2)} s ${shown}`);
        last = shown;
      }
      await pause(everyMs);
    }
  }

  const watching = watch();
  return {
    async stop() {
      over.abort();
      await watching;
      return { polls, meanPauseMs: (lastMs - start) / polls, longestPauseMs, onBoth, course };
    },
  };
}
