import { InvalidInput, type Trouble } from '../core/error.ts';
import type { Inventory, Target } from '../core/inventory.ts';
import { hostFacts } from '../queries/facts.ts';
import type { Query } from '../core/query.ts';
import type { Check, Resource, Standing } from '../core/resource.ts';
import { roleFault } from '../core/role-fault.ts';
import type { Cluster, ClusterHost, Playbook, Role, RoleContext } from '../core/role.ts';

/** One host with everything the playbook declares for it. */
export interface Member {
  readonly host: string;
  readonly target: Target;
  /** Left out by `--limit`: only asked how the service stands, never changed, and no failure when it does not answer. */
  readonly witness: boolean;
  /** What may be changed; nothing on a witness. */
  readonly resources: readonly Resource[];
  /** What the playbook declares for this host, witness or not. */
  readonly declared: readonly Resource[];
  readonly standings: readonly Standing[];
  /** What the whole probe of this host reads: resources, checks, standing, facts. */
  readonly queries: readonly Query<unknown>[];
}

export interface Assembly {
  readonly members: readonly Member[];
  readonly checks: readonly Check[];
}

/**
 * What the playbook declares, host by host; pure.
 *
 * @param hosts all hosts of the cluster with bound variables, peers that `--limit` leaves out too
 * @param selected names of the hosts to work on
 * @param own what the engine itself declares on every host, before the roles
 */
export function assemble(
  playbook: Playbook,
  inventory: Inventory,
  hosts: readonly ClusterHost[],
  selected: readonly string[],
  own: readonly Resource[] = [],
): Assembly {
  const cluster: Cluster = { hosts };
  const checks = [
    ...playbook.roles.flatMap((role) =>
      (role.checks?.(cluster) ?? []).map((check) => ({ ...check, role: role.name })),
    ),
    ...(playbook.checks?.(cluster) ?? []),
  ];
  const troubles: Trouble[] = [];
  const members = hosts.map((host): Member => {
    const witness = !selected.includes(host.name);
    const contexts = playbook.roles.map((role) => ({ role, context: contextOf(role.name, host, cluster) }));
    const roles = contexts.flatMap(({ role, context }) =>
      resourcesOf(role, context).map((resource) => ({ ...resource, role: role.name })),
    );
    const declared = [...own, ...roles];
    const standings = contexts.flatMap(({ role, context }) => role.standing?.(context) ?? []);
    troubles.push(...duplicateIds(host.name, declared), ...needsOutOfOrder(host.name, declared));
    return {
      host: host.name,
      target: targetOf(inventory, host.name),
      witness,
      resources: witness ? [] : declared,
      declared,
      standings,
      queries: [
        hostFacts,
        ...declared.flatMap((resource) => Object.values(resource.reads)),
        ...checks.flatMap((check) => Object.values(check.reads)),
        ...standings.flatMap((standing) => Object.values(standing.reads)),
      ],
    };
  });
  if (troubles.length > 0) {
    throw new InvalidInput(troubles);
  }
  return { members, checks };
}

/** @throws InvalidInput the role's own code failed, in a template for instance */
function resourcesOf(role: Role, context: RoleContext<unknown>): readonly Resource[] {
  try {
    return role.resources(context);
  } catch (error) {
    const { name: host } = context.host;
    const hint = `correct the role, or what it was given: run-playbook vars ${host}`;
    throw new InvalidInput([{ host, resource: `role ${role.name}`, hint, ...roleFault(error) }]);
  }
}

function contextOf(role: string, host: ClusterHost, cluster: Cluster): RoleContext<unknown> {
  return {
    host,
    vars: host.vars.get(role),
    cluster,
    peers: cluster.hosts.filter((other) => other.name !== host.name),
  };
}

function targetOf(inventory: Inventory, host: string): Target {
  const found = inventory.hosts.get(host);
  if (found === undefined) {
    throw new InvalidInput([{ host, what: `not in the inventory ${inventory.source}` }]);
  }
  return found.target;
}

function duplicateIds(host: string, resources: readonly Resource[]): readonly Trouble[] {
  const seen = new Map<string, string | undefined>();
  return resources.flatMap((resource) => {
    if (!seen.has(resource.id)) {
      seen.set(resource.id, resource.role);
      return [];
    }
    const what = `declared twice, by the roles ${seen.get(resource.id)} and ${resource.role}`;
    return [{ host, resource: resource.id, what, hint: 'one of the two must go: ids are unique per host' }];
  });
}

/** A resource that was made and not returned, or returned too late, would never be there for what needs it. */
function needsOutOfOrder(host: string, resources: readonly Resource[]): readonly Trouble[] {
  const ids = new Set(resources.map(({ id }) => id));
  const before = new Set<string>();
  return resources.flatMap(({ id, role, needs }) => {
    const unmet = needs.filter((need) => !before.has(need));
    before.add(id);
    return unmet.map((need): Trouble => ({
      host,
      resource: id,
      what: `needs "${need}", which ${ids.has(need) ? 'comes after it' : 'no role declares'}`,
      hint: `return "${need}" before "${id}", from the role ${role} or one that stands before it`,
    }));
  });
}
