import type { Outcome } from '../core/watch.ts';

/** One request of a prober. Times are milliseconds since the prober's start. */
export interface Sample {
  /** Index of its target. */
  readonly target: number;
  readonly sentMs: number;
  readonly endedMs: number;
  readonly outcome: Outcome;
}
