import type { Trouble } from './error.ts';
import type { LintFinding } from './lint.ts';
import type { HostPlan } from './plan.ts';
import type { Rollback } from './undo.ts';
import type { Judgement } from './resource.ts';
import type { Loss, Outcome } from './watch.ts';

/**
 * What a run has done on a host beside its changes, in this order: it has the host's lock; the host is as declared;
 * it lets in a new connection, and nothing is armed there any more; what was kept for undoing is gone; the run is in
 * the host's log; the lock is free.
 */
export type HostStep = 'locked' | 'verified' | 'confirmed' | 'forgotten' | 'logged' | 'unlocked';

/** What is heard of a run while it goes on; reporters listen and cannot influence it. */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly playbook: string;
      readonly hosts: readonly string[];
      readonly check: boolean;
    }
  | { readonly type: 'host-connecting'; readonly host: string }
  | { readonly type: 'host-waiting'; readonly host: string; readonly holder: string }
  | { readonly type: 'host-probed'; readonly host: string; readonly ms: number; readonly resources: number }
  | { readonly type: 'host-unreachable'; readonly host: string; readonly trouble: Trouble }
  | { readonly type: 'host-surveying'; readonly host: string }
  | {
      readonly type: 'planned';
      readonly plans: readonly HostPlan[];
      readonly warnings: readonly LintFinding[];
    }
  | { readonly type: 'host-step'; readonly host: string; readonly step: HostStep }
  | { readonly type: 'host-started'; readonly host: string; readonly changes: number }
  | { readonly type: 'change-started'; readonly host: string; readonly id: string; readonly summary: string }
  | { readonly type: 'change-done'; readonly host: string; readonly id: string; readonly ms: number }
  | { readonly type: 'change-unneeded'; readonly host: string; readonly id: string }
  | { readonly type: 'change-deferred'; readonly host: string; readonly id: string; readonly reason: string }
  | { readonly type: 'change-failed'; readonly host: string; readonly id: string; readonly trouble: Trouble }
  | { readonly type: 'rollback-started'; readonly host: string; readonly changes: number }
  | { readonly type: 'change-undone'; readonly host: string; readonly id: string }
  | { readonly type: 'rollback-ended'; readonly host: string; readonly rollback: Rollback }
  | { readonly type: 'host-done'; readonly host: string; readonly ms: number }
  | { readonly type: 'host-failed'; readonly host: string; readonly trouble: Trouble }
  | { readonly type: 'host-skipped'; readonly host: string; readonly reason: string }
  | { readonly type: 'check-waiting'; readonly check: string; readonly detail: string }
  | { readonly type: 'check-judged'; readonly check: string; readonly judgement: Judgement }
  | {
      readonly type: 'watch-started';
      readonly perSecond: number;
      /** By name, with how the first request ended. */
      readonly targets: readonly { readonly name: string; readonly first: Outcome }[];
    }
  /** A target's first loss, then once a second while there are more; `lost` is how many there were so far. */
  | { readonly type: 'watch-lost'; readonly target: string; readonly reason: Loss; readonly lost: number }
  | { readonly type: 'watch-ended'; readonly sent: number; readonly lost: number };

export type Listener = (event: RunEvent) => void;
