import type { Connection } from './connection.ts';
import type { Inventory, Target } from './inventory.ts';
import type { HostPlan } from './plan.ts';
import type { ClusterHost, Playbook } from './role.ts';

/** Which part of a plan was asked for; empty lists mean everything. */
export interface TagFilter {
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
}

/** Everything a run is told; loaded and checked before. */
export interface RunRequest extends TagFilter {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
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
  readonly connect: (target: Target) => Promise<Connection>;
  /** Aborted: the running change ends, no other is begun. */
  readonly signal?: AbortSignal;
}
