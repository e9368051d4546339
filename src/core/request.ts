import type { Revision, RunMark, RunRecord } from './audit.ts';
import type { Connection } from './connection.ts';
import type { Inventory, Place, Target } from './inventory.ts';
import type { LintFinding } from './lint.ts';
import type { HostPlan } from './plan.ts';
import type { ClusterHost, Playbook } from './role.ts';
import type { PlanKeeping } from './saved-plan.ts';
import type { WatchRequest } from './watch.ts';

/** Which part of a plan was asked for; empty lists mean everything. */
export interface TagFilter {
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  /** Set: of each host only the resources with these ids, by host. */
  readonly only?: ReadonlyMap<string, ReadonlySet<string>> | undefined;
}

/** How a run is written down. */
export interface RunAudit extends Pick<RunRecord, 'project' | 'inventory' | 'lab'> {
  /** Who makes the run, from where, with what. */
  readonly mark: Omit<RunMark, 'v' | 'run' | 'playbook' | 'start' | 'revision'>;
  /** Which state of the project; what git takes to tell keeps no run waiting. */
  readonly revision?: Promise<Revision | undefined>;
  /** Texts without secrets. */
  readonly masked: (text: string) => string;
  /** Keeps a record on this machine; of two of one run the later one counts. */
  readonly keep: (record: RunRecord) => Promise<void>;
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
  /** How long hosts are waited for that others hold; when left out, such a host ends the run. */
  readonly waitMs?: number | undefined;
  readonly connect: (target: Target) => Promise<Connection>;
  /** Clients' requests are sent and counted while hosts change; nothing is watched when left out. */
  readonly watch?: WatchRequest | undefined;
  /** What is taken back after a failure or an interrupt: hosts that are not complete, every host begun, or nothing. */
  readonly rollback: 'host' | 'batch' | 'none';
  /** Keeps how a host stood when it failed; resolves to where that is. */
  readonly keepEvidence?: (host: string, text: string) => Promise<string>;
  /** Writes down what the run does, on the hosts and here; nothing is written down when left out. */
  readonly audit?: RunAudit | undefined;
  /** The plan is saved, or has to be one that was saved. */
  readonly saved?: PlanKeeping | undefined;
  /** Aborted: the running change ends, no other is begun. */
  readonly signal?: AbortSignal;
}
