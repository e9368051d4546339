import type { LostSoFar, Outcome, WatchReport } from '../core/watch.ts';
import type { ProberPlan } from './prober.ts';
import type { Sample } from './sample.ts';

/** What a prober of its own process is told, as JSON in its argument. */
export interface ProbeOrder extends ProberPlan {
  /** Tells of every request; otherwise of the first ones, of losses, and at the end. */
  readonly everySample?: boolean;
}

/** What it answers, a line of JSON each; the report comes last. */
export type ProbeMessage =
  /** How the first request to each target ended. */
  | { readonly first: readonly Outcome[] }
  | { readonly lost: LostSoFar }
  | { readonly sample: Sample }
  | { readonly report: WatchReport };
