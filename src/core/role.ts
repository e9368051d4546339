import type { GenericSchema, InferOutput } from 'valibot';
import type { Check, Resource, Standing } from './resource.ts';

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

/** Something wrong in the variables that only the whole cluster shows, with the variable it is about. */
export interface Objection {
  /** `keepalived.vips.0.address` */
  readonly path: string;
  readonly what: string;
  readonly hint?: string;
}

/** A role: typed variables, and a pure function from them to resources. */
export interface Role<S extends GenericSchema = GenericSchema> {
  readonly name: string;
  readonly description: string;
  /** Schema, defaults and documentation of the variables under the role's name. */
  readonly vars: S;
  resources(context: RoleContext<InferOutput<S>>): readonly Resource[];
  /** What can be said against the variables before any host is asked. */
  objections?(context: RoleContext<InferOutput<S>>): readonly Objection[];
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
  /** Variables the playbook sets, below the inventory's: `{ keepalived: { track: 'nginx' } }`. */
  readonly vars?: Readonly<Record<string, unknown>>;
}

/** A playbook with the defaults of a careful run: one host at a time, none may fail. */
export function playbook(
  definition: Omit<Playbook, 'serial' | 'maxFail'> & Partial<Pick<Playbook, 'serial' | 'maxFail'>>,
): Playbook {
  return { serial: 1, maxFail: 0, ...definition };
}
