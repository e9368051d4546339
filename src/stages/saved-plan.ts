import { PlanStale } from '../core/error.ts';
import type { Listener } from '../core/event.ts';
import type { Target } from '../core/inventory.ts';
import { pendingSteps, type HostPlan, type PlanStep } from '../core/plan.ts';
import type { Seen } from '../core/query.ts';
import type { RunRequest } from '../core/request.ts';
import type { PlannedHost, PlannedObject, PlannedPlaybook } from '../core/saved-plan.ts';
import { canonicalText, type Digest } from '../core/saved-plan-digest.ts';
import type { Assembly } from './assemble.ts';
import { movedObjects, movedSite } from './saved-plan-difference.ts';
import type { Session } from './session.ts';

const MOST_NAMED = 4;
const HINT = 'see what is to be done now, and save a new plan';

/**
 * A saved plan is for the hosts, addresses and playbook that it was made for; no host has been asked yet.
 *
 * @throws PlanStale the playbook or the inventory has moved
 */
export function refuseMovedSite(assembly: Assembly, request: RunRequest): void {
  const { saved, selected, inventory } = request;
  if (saved?.expected === undefined) {
    return;
  }
  const hosts = selected.map((host) => ({
    host,
    ...connectionOf(inventory.hosts.get(host)?.target, saved.digest),
  }));
  const moved = movedSite(saved.expected, { playbook: playbookOf(assembly, request, saved.digest), hosts });
  if (moved.length > 0) {
    throw new PlanStale({
      what: 'the playbook or the inventory is no longer as it was when the plan was made; no host was asked',
      why: moved,
      hint: HINT,
    });
  }
}

export interface Comparison {
  readonly sessions: readonly Session[];
  readonly assembly: Assembly;
  readonly request: RunRequest;
  readonly listener: Listener;
}

/**
 * Hands out what is planned, so that it can be saved, and compares it with what was saved.
 *
 * @returns whether a host has moved; it has failed then, and nothing may be changed on any host
 */
export function hasMoved({ sessions, assembly, request, listener }: Comparison): boolean {
  const { saved } = request;
  if (saved === undefined) {
    return false;
  }
  const planned = sessions.flatMap((session) => {
    const { plan, seen, member } = session;
    return plan === undefined || seen === undefined || member.witness
      ? []
      : [{ session, now: hostOf({ plan, seen, target: member.target }, request, saved.digest) }];
  });
  saved.keep?.({
    playbook: playbookOf(assembly, request, saved.digest),
    hosts: planned.map(({ now }) => now),
  });
  let isMoved = false;
  for (const { session, now } of planned) {
    const before = saved.expected?.hosts.find(({ host }) => host === now.host);
    const moved = before === undefined ? [] : movedObjects(before, now);
    if (moved.length > 0) {
      isMoved = true;
      const trouble = session.fail(stale(moved), 'failed');
      listener({ type: 'host-failed', host: session.host, trouble });
    }
  }
  return isMoved;
}

function stale(moved: ReturnType<typeof movedObjects>): PlanStale {
  return new PlanStale({
    resource: named(moved.map(({ id }) => id)),
    what: 'not as it was when the plan was made; nothing was changed on any host',
    why: moved.map(({ id, how }) => `${id}: ${how}`),
    hint: HINT,
  });
}

/** All of them stand below, in the reasons. */
function named(ids: readonly string[]): string {
  const rest = ids.length - MOST_NAMED;
  return [...ids.slice(0, MOST_NAMED), ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

/** What decides how hosts are changed, and is in no change. */
function playbookOf({ checks }: Assembly, request: RunRequest, digest: Digest): PlannedPlaybook {
  const { playbook, cluster, selected } = request;
  const { name, hosts, serial, maxFail, maxLost, roles } = playbook;
  const decisive = {
    name,
    hosts,
    serial,
    maxFail,
    maxLost,
    roles: roles.map((role) => role.name),
    checks: checks.map((check) => check.name),
    leftOut: cluster
      .filter((host) => !selected.includes(host.name))
      .map((host) => ({ name: host.name, address: host.address, vars: host.vars })),
  };
  return { name, digest: digest(canonicalText(decisive)) };
}

function hostOf(
  { plan, seen, target }: { readonly plan: HostPlan; readonly seen: Seen; readonly target: Target },
  { cluster }: RunRequest,
  digest: Digest,
): PlannedHost {
  const vars = cluster.find(({ name }) => name === plan.host)?.vars;
  return {
    host: plan.host,
    ...connectionOf(target, digest),
    variables: digest(canonicalText(vars)),
    changes: pendingSteps(plan).map((step) => objectOf(step, seen, digest)),
  };
}

function objectOf(step: Exclude<PlanStep, { is: 'ok' }>, seen: Seen, digest: Digest): PlannedObject {
  const { id, reads } = step.resource;
  const queries = Object.entries(reads).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const asked = queries.map(([name, { family, key }]) => [name, family.name, key]);
  const answers = queries.map(([, query]) => seen.answer(query));
  const done = step.is === 'change' ? step.change : { unknown: step.reason };
  return {
    id,
    summary: step.is === 'change' ? step.change.summary : `not known yet: ${step.reason}`,
    reads: digest(canonicalText(asked)),
    observed: digest(canonicalText(answers)),
    change: digest(canonicalText(done)),
  };
}

function connectionOf(
  target: Target | undefined,
  digest: Digest,
): Pick<PlannedHost, 'target' | 'connection'> {
  const { user, address, port } = target ?? {};
  return {
    target: target === undefined ? 'nowhere' : `${user}@${address}:${port}`,
    connection: digest(canonicalText([user, address, port])),
  };
}
