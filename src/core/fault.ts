import type { Facts } from './facts.ts';
import type { Check } from './resource.ts';
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
  /** How long it stays broken; 0 when it is over as soon as it has happened. */
  readonly lastsMs: number;
  /** How long the cluster then has to be whole again. */
  readonly wholeWithinMs: number;
  /** What clients may notice; more than this fails the drill. */
  readonly limits: FaultLimits;
  /** Requests per second to each target that the limits are meant for. */
  readonly perSecond: number;
  /** Ports whose clients it is measured by; all that the playbook watches when left out. */
  readonly ports?: readonly number[];
  /**
   * Names of the hosts in the order in which they are put right, milliseconds after one another; only for `every host`.
   * Who heals a fault of the network does it on all hosts at once, and each of them by itself hears one half of it.
   */
  readonly repairOrder?: readonly string[];
  /** Why it cannot be drilled on this cluster. */
  readonly refusal?: string;
  /** What shows that it is broken; must hold at least once while it lasts. */
  readonly meanwhile?: readonly Check[];
  /** What must hold once the cluster is whole again, besides the playbook's own checks. */
  readonly afterwards?: readonly Check[];
}

export interface FaultScripts {
  readonly by: 'script';
  /** Breaks it. Returns within some seconds; fails when it is not broken then. */
  inject(host: ClusterHost, facts: Facts): Script;
  /**
   * `inject` cuts the connection it comes over: systemd runs it, from half a second after it was sent. Not broken any
   * more when it returns, if it does.
   */
  readonly detached?: boolean;
  /**
   * Puts it right, and does nothing where nothing is broken. Armed on the host before `inject`, in case nobody returns.
   * Absent when nothing can be done but to wait, as for a reboot.
   */
  heal?(host: ClusterHost, facts: Facts): Script;
  /** It puts itself right: `heal` only runs when it did not. */
  readonly healsItself?: boolean;
  /** Prints something else once it has happened: a fault that did not happen is survived by anybody. */
  trace?(host: ClusterHost, facts: Facts): Script;
}

/** Only the built-in lab can do this to its hosts. */
export interface LabFault {
  readonly by: 'lab';
  readonly deed: 'power-loss' | 'freeze';
}

export interface FaultLimits {
  /** Requests lost, all targets together; not limited when left out. */
  readonly lost?: number;
  /** Longest run of failed requests to one target. */
  readonly outageMs?: number;
}
