import type { PlannedHost, PlannedObject, PlannedSite } from '../core/saved-plan.ts';

/** A host as far as it is known before it is asked. */
export type NamedHost = Pick<PlannedHost, 'host' | 'target' | 'connection'>;

/** How the playbook and its hosts are not as planned, a line each, host by host. */
export function movedSite(
  before: PlannedSite,
  now: { readonly playbook: PlannedSite['playbook']; readonly hosts: readonly NamedHost[] },
): readonly string[] {
  const names = [...new Set([...before.hosts, ...now.hosts].map(({ host }) => host))];
  const lines = names.flatMap((host) => {
    const [was, is] = [before.hosts, now.hosts].map((hosts) => hosts.find((one) => one.host === host));
    const how = connectionDifference(was, is);
    return how === undefined ? [] : [`${host}  connection: ${how}`];
  });
  const playbook = `playbook ${before.playbook.name}: its roles, checks or limits, or hosts that --limit leaves out, are others`;
  return before.playbook.digest === now.playbook.digest ? lines : [...lines, playbook];
}

function connectionDifference(before: NamedHost | undefined, now: NamedHost | undefined): string | undefined {
  if (before === undefined || now === undefined) {
    return before === undefined ? 'is not in the plan' : 'is in the plan, and no longer among the hosts';
  }
  return before.connection === now.connection ? undefined : `planned ${before.target}, now ${now.target}`;
}

/** One thing on a host that is not as planned. */
export interface Moved {
  /** A resource's id, or `variables`. */
  readonly id: string;
  /** `planned "absent -> 1", now nothing is to be done` */
  readonly how: string;
}

/** What of a host's plan is not as it was saved; empty when all of it is. */
export function movedObjects(before: PlannedHost, now: PlannedHost): readonly Moved[] {
  const [old, present] = [byId(before.changes), byId(now.changes)];
  const ids = [...new Set([...old.keys(), ...present.keys()])];
  const moved = ids.flatMap((id): readonly Moved[] => {
    const how = difference(old.get(id), present.get(id));
    return how === undefined ? [] : [{ id, how }];
  });
  if (moved.length > 0) {
    return now.changes.length === 0 ? [allDone(before)] : moved;
  }
  if (before.variables !== now.variables) {
    return [{ id: 'variables', how: 'are not what they were, though no change is another' }];
  }
  const isInOrder = [...old.keys()].every((id, index) => id === now.changes[index]?.id);
  return isInOrder ? [] : [{ id: 'order', how: 'the same changes would be made in another order' }];
}

/** The usual reason, told once and not for every change. */
function allDone({ changes }: PlannedHost): Moved {
  const [first, ...others] = changes.map(({ id }) => id);
  const id = others.length === 0 ? String(first) : `${first} and ${others.length} more`;
  return { id, how: 'nothing is to be done any more: was this plan applied already?' };
}

function difference(before: PlannedObject | undefined, now: PlannedObject | undefined): string | undefined {
  if (before === undefined || now === undefined) {
    return before === undefined
      ? `not in the plan, now "${now?.summary}"`
      : `planned "${before.summary}", now nothing is to be done`;
  }
  const isSame = (field: 'reads' | 'observed' | 'change') => before[field] === now[field];
  if (isSame('reads') && isSame('observed') && isSame('change')) {
    return undefined;
  }
  const said =
    before.summary === now.summary
      ? `planned "${before.summary}", and so now, but not the same`
      : `planned "${before.summary}", now "${now.summary}"`;
  return isSame('reads') && !isSame('observed')
    ? `the host has changed: ${said}`
    : `the playbook, a role or the inventory has changed: ${said}`;
}

function byId(changes: readonly PlannedObject[]): ReadonlyMap<string, PlannedObject> {
  return new Map(changes.map((change) => [change.id, change]));
}
