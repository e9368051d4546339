import type { Facts } from './facts.ts';
import type { ClusterHost } from './role.ts';
import type { Script } from './script.ts';

/** Something that breaks on a running cluster, done on purpose to see that clients notice little of it. */
export interface Fault {
  /** `stop-nginx` */
  readonly name: string;
  /** One line: `nginx is stopped, as by an administrator`. */
  readonly description: string;
  /** Where it happens: on one host, drilled on each in turn, or on all of them at once. */
  readonly on: 'one host' | 'every host';
  /** How it is done: by scripts on the host, or from outside, by who owns the machine. */
  readonly means: FaultScripts | LabFault;
  /** How long it stays broken before it is put right, unless it heals by itself earlier. */
  readonly lastsMs: number;
  /** What clients may notice; more than this fails the drill. */
  readonly limits: FaultLimits;
}

export interface FaultScripts {
  readonly by: 'script';
  /**
   * Breaks it. Returns within a second: what cuts this connection detaches itself (`systemd-run`).
   */
  inject(host: ClusterHost, facts: Facts): Script;
  /** Puts it right, and does nothing where nothing is broken. Armed on the host before `inject`, in case nobody returns. */
  heal(host: ClusterHost, facts: Facts): Script;
}

/** Only the built-in lab can do this to its hosts. */
export interface LabFault {
  readonly by: 'lab';
  readonly deed: 'power-loss' | 'freeze';
}

export interface FaultLimits {
  /** Requests lost, all ports together; not limited when left out. */
  readonly lost?: number;
  /** Longest run of failed requests on one port. */
  readonly outageMs?: number;
}
