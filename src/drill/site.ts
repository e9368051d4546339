import type { Connection } from '../core/connection.ts';
import type { DrillListener } from '../core/drill.ts';
import type { Inventory, Target } from '../core/inventory.ts';
import type { ClusterHost, Playbook } from '../core/role.ts';
import type { Watcher } from '../core/watch.ts';
import { assemble, type Assembly } from '../stages/assemble.ts';
import { DrillHost } from './host.ts';

/** What the built-in lab does to its hosts from outside; each returns when it is so. */
export interface LabDeeds {
  powerLoss(host: string): Promise<void>;
  boot(host: string): Promise<void>;
  freeze(host: string): Promise<void>;
  thaw(host: string): Promise<void>;
}

/** Everything a drill works with besides the hosts. */
export interface Surroundings {
  /** Sends the clients' requests until stopped. */
  readonly watch: () => Promise<Watcher>;
  /** How long clients are served before something is broken, and after all is well again. */
  readonly marginMs: number;
  /** Absent where the hosts are not the lab's. */
  readonly lab?: LabDeeds | undefined;
  readonly listener: DrillListener;
  /** Aborted: what is broken is put right, and nothing else is broken. */
  readonly signal: AbortSignal;
}

/** Everything a drill works on. */
export interface Site extends Surroundings {
  readonly hosts: readonly DrillHost[];
  /** What the playbook declares for them. */
  readonly assembly: Assembly;
}

export interface Premises {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
  readonly cluster: readonly ClusterHost[];
  readonly connect: (target: Target) => Promise<Connection>;
  /** Tells others who holds the hosts' locks. */
  readonly lockHolder: string;
}

/** The cluster of a playbook as a drill sees it; nobody is connected to yet. */
export function siteOf(
  { playbook, inventory, cluster, connect, lockHolder }: Premises,
  surroundings: Surroundings,
): Site {
  const names = cluster.map(({ name }) => name);
  const assembly = assemble(playbook, inventory, cluster, names);
  const hosts = assembly.members.flatMap(({ target }, index) => {
    const host = cluster[index];
    return host === undefined ? [] : [new DrillHost(host, { connect: () => connect(target), lockHolder })];
  });
  return { ...surroundings, hosts, assembly };
}
