import type { GenericSchema, InferOutput } from 'valibot';
import type { Observation } from './drift.ts';
import type { Fault } from './fault.ts';
import type { Objection, Rule } from './lint.ts';
import type { Reads, Seen } from './query.ts';
import type { Check, Resource, Standing } from './resource.ts';
import type { WatchTarget } from './watch.ts';

/** One host as roles see it. */
export interface ClusterHost {
  readonly name: string;
  readonly address: string;
  readonly groups: readonly string[];
  /** Role variables of that host by role name, validated and with defaults. */
  readonly vars: ReadonlyMap<string, unknown>;
}

/** All hosts a playbook runs on, in inventory order. */
export interface Cluster {
  readonly hosts: readonly ClusterHost[];
}

export interface RoleContext<V> {
  readonly host: ClusterHost;
  readonly vars: V;
  readonly cluster: Cluster;
  /** The other hosts of the cluster. */
  readonly peers: readonly ClusterHost[];
}

/** What only the hosts can tell of a rule; asked once before the first change, and by `lint`. */
export interface Survey {
  /** Read-only; may take a second, so it is not part of the probe. */
  reads(host: ClusterHost): Reads;
  judge(seen: ReadonlyMap<string, Seen>): readonly (Objection & { readonly host: string })[];
}

/** What drift checks look at besides the plan: how a running cluster stands that nobody has changed on disk. */
export interface Inspection {
  /** Read-only, in the same command as the plan's own readings. */
  reads(host: ClusterHost): Reads;
  /** @param seen hosts that could not be asked are missing */
  judge(seen: ReadonlyMap<string, Seen>): readonly Observation[];
}

/** A role: typed variables, and a pure function from them to resources. */
export interface Role<S extends GenericSchema = GenericSchema> {
  readonly name: string;
  readonly description: string;
  /** Schema, defaults and documentation of the variables under the role's name. */
  readonly vars: S;
  resources(context: RoleContext<InferOutput<S>>): readonly Resource[];
  /** What this role's variables and hosts are held to, by code. */
  readonly rules?: readonly Rule[];
  /** Rules that the variables break, before any host is asked. */
  objections?(context: RoleContext<InferOutput<S>>): readonly Objection[];
  /** Rules that only the hosts can show to be broken. */
  survey?(cluster: Cluster): Survey;
  /** What drift checks look at besides the plan. */
  inspect?(cluster: Cluster): Inspection;
  /** What a drill can break on a cluster of this role. */
  faults?(cluster: Cluster): readonly Fault[];
  /** What the cluster as a whole must answer after every run. */
  checks?(cluster: Cluster): readonly Check[];
  /** Tells the host that is worked on last. */
  standing?(context: RoleContext<InferOutput<S>>): Standing | undefined;
}

/** A role with its types kept. */
export function role<const S extends GenericSchema>(definition: Role<S>): Role<S> {
  return definition;
}

/** The variables of one role on one host, typed. @throws TypeError the playbook does not use that role */
export function varsOf<S extends GenericSchema>(ofRole: Role<S>, host: ClusterHost): InferOutput<S> {
  if (!host.vars.has(ofRole.name)) {
    throw new TypeError(`the role ${ofRole.name} is not in this playbook`);
  }
  return host.vars.get(ofRole.name) as InferOutput<S>;
}

/** A playbook: which hosts, which roles in which order, how far failures may go. */
export interface Playbook {
  readonly name: string;
  readonly description: string;
  /** Group the playbook runs on. */
  readonly hosts: string;
  readonly roles: readonly Role[];
  /** Hosts worked on at the same time. */
  readonly serial: number;
  /** Hosts that may be unreachable before nothing is begun; a host that fails always ends the run. */
  readonly maxFail: number;
  /** What must hold besides the roles' own checks: that a client gets an answer. */
  checks?(cluster: Cluster): readonly Check[];
  /** What clients ask for; sent over and over by `--watch` and by drills. */
  watch?(cluster: Cluster): readonly WatchTarget[];
  /** Set: watched unless `--no-watch`, and more lost requests than this fail the run. */
  readonly maxLost?: number;
  /** Variables the playbook sets, below the inventory's: `{ keepalived: { track: 'nginx' } }`. */
  readonly vars?: Readonly<Record<string, unknown>>;
}

/** A playbook with the defaults of a careful run: one host at a time, none may fail. */
export function playbook(
  definition: Omit<Playbook, 'serial' | 'maxFail'> & Partial<Pick<Playbook, 'serial' | 'maxFail'>>,
): Playbook {
  return { serial: 1, maxFail: 0, ...definition };
}
