import type { DriftClass } from './drift.ts';
import type { Facts } from './facts.ts';
import type { Reads, Seen } from './query.ts';
import type { Script } from './script.ts';
import type { Shell } from './shell.ts';

/** Something done to a host: shell text as data, or a zx function for what needs logic between commands. */
export type Action = Script | (($: Shell) => Promise<unknown>);

/** One file's text before and after; `undefined` where the file does not exist or is not text. */
export interface FileDiff {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** One thing that is not as declared. */
export interface Deviation {
  /** The same in every reading: a path, `nginx.service enabled`. */
  readonly item: string;
  readonly class: DriftClass;
  readonly found: string;
  readonly expected: string;
}

/** What has to be done so that a resource is as declared. */
export interface Change {
  /** One line for a person, such as `stopped -> running, disabled -> enabled`. */
  readonly summary: string;
  /** The single differences, a line each: `/etc/nginx/nginx.conf  mode 0666 -> 0644`. */
  readonly details?: readonly string[];
  readonly diff?: readonly FileDiff[];
  /** The single differences for drift checks; the summary as a whole when left out. */
  readonly deviations?: readonly Deviation[];
  /** What is lost for good or only kept in the undo directory. */
  readonly destroys?: readonly string[];
  /**
   * Makes the change. Runs as root, `set -eu`, with `RP_UNDO` naming an empty root-only directory
   * on the host, in which it keeps what `undo` needs.
   */
  readonly apply: Action;
  /** Takes the change back, with the same `RP_UNDO`; absent when `cannotUndo` says why. */
  readonly undo?: Action;
  readonly cannotUndo?: string;
  /** Set when all hosts must agree on what this changes. */
  readonly lockstep?: LockstepChange;
  /** Default one minute. */
  readonly timeoutMs?: number;
  /** It can cut the host off or move the virtual IP: the host takes the run back by itself unless it is confirmed. */
  readonly guarded?: boolean;
}

/** A change that must not be seen beside a peer that still works the old way, such as another VRRP version. */
export interface LockstepChange {
  /** It runs, or may run, with something else than is wanted; false when it does not run. */
  readonly disagrees: boolean;
  /** Ends this host's part until `apply` runs, after the last host that disagrees has changed. */
  readonly quiesce: Script;
  /** Takes `quiesce` back when the change does not come. */
  readonly resume: Script;
}

export type Verdict =
  | { readonly is: 'ok' }
  | { readonly is: 'change'; readonly change: Change }
  | { readonly is: 'unknown'; readonly reason: string };

export const OK: Verdict = { is: 'ok' };

/** What a plan may look at besides its own reading. */
export interface PlanContext {
  readonly facts: Facts;
  /** Whether the resource with this id is changed earlier in the same plan. */
  changes(id: string): boolean;
}

/**
 * One thing on a host that is declared, read, compared and changed as a whole.
 *
 * Laws, tested on every kind: reading twice is equal and leaves no trace; apply then plan is empty;
 * apply, undo, read equals before; the plan on a bare host equals what apply then does.
 */
export interface Resource {
  /** Unique per host and stable across runs: `service nginx`. */
  readonly id: string;
  readonly kind: string;
  /** The role that declared it. */
  readonly role?: string;
  readonly tags?: readonly string[];
  /** Ids that must be as declared before this can be planned for certain and applied. */
  readonly needs: readonly string[];
  /** The unit that it keeps running: `nginx.service`. */
  readonly runs?: string;
  /** Whether the package is to be on hold; absent where that is nobody's business. */
  readonly holds?: boolean;
  readonly reads: Reads;
  /** Pure: no clock, no I/O; same reading, same verdict. */
  plan(seen: Seen, context: PlanContext): Verdict;
}

/** What all hosts of a cluster are asked at the same time, and how the answers are judged. */
export interface Check {
  /** `VIP 172.25.254.130 on exactly one host` */
  readonly name: string;
  /** The role that asks it; absent when it is the playbook. */
  readonly role?: string;
  readonly reads: Reads;
  /** After a change it must hold for this long at a stretch; default 0. */
  readonly steadyMs?: number;
  /** What drift checks make of it when it does not hold; default `service`, `degraded`. */
  readonly drift?: {
    readonly class: DriftClass;
    readonly severity: 'degraded' | 'drift';
    /** As in an Observation. */
    readonly settlesMs?: number;
  };
  judge(seen: ReadonlyMap<string, Seen>, ask: Ask): Promise<Judgement> | Judgement;
}

export interface Judgement {
  readonly ok: boolean;
  /** `held by svr1`, or what is wrong. */
  readonly detail: string;
  /** Values for the summary: `{ vipHolder: 'svr1' }`. */
  readonly values?: Readonly<Record<string, string | number>>;
  readonly hint?: string;
  /** What does not hold, one by one; `detail` as a whole when left out. */
  readonly deviations?: readonly CheckDeviation[];
}

/** One thing that a check found, on one host or of the cluster as a whole. */
export interface CheckDeviation extends Omit<Deviation, 'class'> {
  readonly host?: string;
  /** As in an Observation. */
  readonly because?: readonly string[];
}

/** What a judgement may look at besides the hosts' answers. */
export interface Ask {
  /** Whether this host is as declared already; in the middle of a rollout the later ones are not. */
  converged(host: string): boolean;
  /**
   * The answer to one GET over a TCP connection of its own.
   *
   * @param request `host`: the Host header and the name for TLS, the URL's when left out; `verify`: over https,
   *   whether the certificate has to be valid and that name's, default true
   * @throws Error when nothing answers within `timeoutMs`
   */
  http(
    url: string,
    request: { readonly timeoutMs: number; readonly host?: string; readonly verify?: boolean },
  ): Promise<HttpAnswer>;
}

/** What an HTTP server answered, its body left out. */
export interface HttpAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Whether a host stands where the service is reached, so that it is worked on last. */
export interface Standing {
  readonly reads: Reads;
  /** @returns higher is later: failed 0, standby 1, holder 2 */
  rank(seen: Seen): number;
}
