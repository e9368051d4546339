import type { ExitCode, Trouble } from './error.ts';
import type { LintFinding } from './lint.ts';
import type { HostPlan } from './plan.ts';
import type { Rollback } from './undo.ts';
import type { Judgement } from './resource.ts';
import type { WatchResult } from './watch.ts';

/** What a connection cost. */
export interface Traffic {
  readonly connections: number;
  readonly execs: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

export type HostStatus = 'ok' | 'changed' | 'pending' | 'failed' | 'unreachable' | 'skipped';

export interface AppliedChange {
  readonly id: string;
  readonly summary: string;
  readonly ms: number;
}

export interface HostResult {
  readonly host: string;
  readonly status: HostStatus;
  /** Absent when the host could not be read. */
  readonly plan?: HostPlan | undefined;
  /** In the order done. */
  readonly applied: readonly AppliedChange[];
  /** Ids that were planned and at their turn found to be as declared: the plan was wrong about them. */
  readonly unneeded: readonly string[];
  readonly trouble?: Trouble | undefined;
  /** What was taken back because the run failed or was stopped. */
  readonly rollback?: Rollback;
  /** Where it is kept how the host stood when it failed. */
  readonly evidence?: string;
  readonly traffic: Traffic;
  /** Wall time spent on this host: connecting, probing, applying, verifying. */
  readonly ms: number;
}

export interface CheckResult {
  readonly check: string;
  readonly judgement: Judgement;
}

/** Everything a run has to say at its end; the `--json` document is made of it. */
export interface RunResult {
  readonly playbook: string;
  readonly check: boolean;
  readonly exit: ExitCode;
  readonly hosts: readonly HostResult[];
  /** Rules of level `warn` that are broken; those that only hosts can show are asked for before a change. */
  readonly warnings: readonly LintFinding[];
  readonly checks: readonly CheckResult[];
  /** Absent when nothing was watched. */
  readonly watch?: WatchResult | undefined;
  readonly troubles: readonly Trouble[];
  readonly ms: number;
}
