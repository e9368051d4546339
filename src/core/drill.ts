import type { ExitCode, Trouble } from './error.ts';
import type { FaultLimits } from './fault.ts';
import type { TargetReport, WatchTarget } from './watch.ts';

/** Where a host stood when the fault happened; `all`: it happened on every host at once. */
export type DrillRole = 'holder' | 'standby' | 'all';

/** What the clients of one target saw of one fault. */
export interface TargetLoss {
  readonly sent: number;
  readonly lost: number;
  /** Longest run of failed requests. */
  readonly outageMs: number;
  /** Answered, but late. */
  readonly slow: number;
  /** How often each reason was seen, the most frequent first. */
  readonly reasons: TargetReport['reasons'];
}

/** One fault, happened once. */
export interface Trial {
  /** The host it happened on; all of them, separated by commas. */
  readonly host: string;
  readonly role: DrillRole;
  /** In the order of the drill's targets. */
  readonly targets: readonly TargetLoss[];
  /** Where the virtual IPs went: `stays`, `to svr2`, `to svr2 and back`. */
  readonly vip: string;
  /** From when it was put right, or ended by itself, until the cluster was whole again; absent when it was not. */
  readonly wholeMs?: number;
  /** How late the prober itself was at worst. */
  readonly latestMs: number;
}

/** What one fault on one host in one role amounts to. */
export interface DrillRow {
  readonly fault: string;
  readonly host: string;
  readonly role: DrillRole;
  readonly trials: readonly Trial[];
  readonly limits: FaultLimits;
  /** Medians over the trials: of the requests lost per target, their sum, the longest outage, the time until whole. */
  readonly lostByTarget: readonly number[];
  readonly lost: number;
  readonly outageMs: number;
  readonly wholeMs?: number;
  readonly vip: string;
  readonly verdict: 'passed' | 'over the limit' | 'not whole again';
}

/** A row of an earlier drill, kept to compare with. */
export interface KeptRow extends Pick<DrillRow, 'fault' | 'host' | 'role' | 'lost' | 'outageMs' | 'wholeMs'> {
  /** When, milliseconds since 1970. */
  readonly at: number;
}

export interface SkippedFault {
  readonly fault: string;
  readonly reason: string;
}

/** Everything a drill has to say at its end. */
export interface DrillResult {
  readonly playbook: string;
  readonly exit: ExitCode;
  readonly hosts: readonly string[];
  readonly targets: readonly WatchTarget[];
  /** Requests per second to each target. */
  readonly perSecond: number;
  readonly repeat: number;
  readonly rows: readonly DrillRow[];
  readonly skipped: readonly SkippedFault[];
  /** Why it ended early. */
  readonly troubles: readonly Trouble[];
  /** What the drill before saw. */
  readonly before: readonly KeptRow[];
  /** When it started, milliseconds since 1970. */
  readonly startedAt: number;
  readonly ms: number;
}

/** What is heard of a drill while it goes on. */
export type DrillEvent =
  | { readonly type: 'inspecting' }
  | { readonly type: 'drill-started'; readonly hosts: readonly string[]; readonly trials: number }
  | {
      readonly type: 'trial-started';
      readonly fault: string;
      readonly description: string;
      readonly host: string;
      readonly role: DrillRole;
      readonly index: number;
    }
  /** `lastsMs` 0: over as soon as it has happened. */
  | { readonly type: 'broken'; readonly host: string; readonly lastsMs: number }
  | { readonly type: 'put-right'; readonly host: string; readonly by: 'drill' | 'itself' }
  | { readonly type: 'not-whole-yet'; readonly detail: string }
  | { readonly type: 'trial-done'; readonly trial: Trial };

export type DrillListener = (event: DrillEvent) => void;

/**
 * The row of an earlier drill that one is compared with: same fault and role, on the same host if there is one.
 *
 * Who held the VIP when a drill began is chance.
 */
export function rowBefore(row: DrillRow, before: readonly KeptRow[]): KeptRow | undefined {
  const alike = before.filter(({ fault, role }) => fault === row.fault && role === row.role);
  return alike.find(({ host }) => host === row.host) ?? alike[0];
}
