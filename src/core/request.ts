import type { Connection } from './connection.ts';
import type { Inventory, Place, Target } from './inventory.ts';
import type { LintFinding } from './lint.ts';
import type { HostPlan } from './plan.ts';
import type { ClusterHost, Playbook } from './role.ts';
import type { WatchRequest } from './watch.ts';

/** Which part of a plan was asked for; empty lists mean everything. */
export interface TagFilter {
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
}

/** Everything a run is told; loaded and checked before. */
export interface RunRequest extends TagFilter {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
  /** Rules of level `warn` that the variables break, found while loading. */
  readonly warnings: readonly LintFinding[];
  /** Where a variable of a host was written. */
  readonly placeOf: (host: string, path: string) => Place | undefined;
  /** All hosts of the playbook's group, with their role variables. */
  readonly cluster: readonly ClusterHost[];
  /** Names of the hosts to work on. */
  readonly selected: readonly string[];
  /** Hosts connected to and read at the same time. */
  readonly forks: number;
  /** Stops after the plan. */
  readonly check: boolean;
  /** Asked once, with something to do; `false` ends the run before the first change. */
  readonly confirm?: (plans: readonly HostPlan[]) => Promise<boolean>;
  /** Who runs this, for others that find a host locked: `phase1 by root@control since 2026-01-31T03:00:00Z`. */
  readonly lockHolder: string;
  readonly connect: (target: Target) => Promise<Connection>;
  /** Clients' requests are sent and counted while hosts change; nothing is watched when left out. */
  readonly watch?: WatchRequest | undefined;
  /** Aborted: the running change ends, no other is begun. */
  readonly signal?: AbortSignal;
}
