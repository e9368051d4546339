import { HostFailed, RunError } from '../core/error.ts';
import type { Listener } from '../core/event.ts';
import { pendingSteps } from '../core/plan.ts';
import type { Seen } from '../core/query.ts';
import type { TagFilter } from '../core/request.ts';
import type { Ask, Check, Judgement } from '../core/resource.ts';
import type { CheckResult } from '../core/result.ts';
import { roleFault } from '../core/role-fault.ts';
import type { Member } from './assemble.ts';
import { planMember } from './plan.ts';
import { probe } from './probe.ts';
import type { OnHost } from './reach.ts';

/** How long a cluster gets to settle after a change, and how often it is asked. */
const DEADLINE_MS = 20_000;
const PAUSE_MS = 250;
/** How long is waited for what did not hold before the run either. */
const TOLERATED_MS = 5_000;

/**
 * The host is as declared: reading it again plans nothing.
 *
 * @returns what was read
 * @throws HostFailed something is still, or again, not as declared
 */
export async function verifyConverged(member: Member, on: OnHost, filter: TagFilter): Promise<Seen> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const seen = await on((connection) => probe(connection, member.queries));
    const left = pendingSteps(planMember(member, seen, filter));
    if (left.length === 0) {
      return seen;
    }
    if (performance.now() > deadline) {
      throw new HostFailed({
        host: member.host,
        what: `still not as declared after all changes were made: ${left.length} left`,
        why: left.map(
          (step) => `${step.resource.id}: ${step.is === 'change' ? step.change.summary : step.reason}`,
        ),
        hint: `something on ${member.host} changes it back, or the role is wrong: look at it with --check --diff`,
      });
    }
    await pause();
  }
}

export interface ServiceCheckContext {
  readonly checks: readonly Check[];
  /** Hosts that answered so far. */
  readonly hosts: () => ReadonlyMap<string, OnHost>;
  readonly ask: Ask;
  readonly listener: Listener;
  /** Told of a host that no longer answers; the others are judged without it. */
  readonly onLost: (host: string, error: unknown) => void;
  /** Checks that did not hold before the run, and may go on failing until its end. */
  readonly tolerated?: ReadonlySet<string>;
  /** Checks that are about every host that answers, done or not. */
  readonly ofEveryHost?: ReadonlySet<string>;
  /** Whether a tolerated check is given time to hold; not while a host waits, stopped, for the others, nor after a rollback. */
  readonly isPatient?: boolean;
  /** What a probe of a moment ago answered; when it satisfies a check, nobody is asked again. */
  readonly seen?: ReadonlyMap<string, Seen>;
}

/** How the service as a whole stands: every check, each asked of all hosts at once until it holds or its deadline is over. */
export async function checkService(context: ServiceCheckContext): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of context.checks) {
    const judgement = await settle(check, context);
    context.listener({ type: 'check-judged', check: check.name, judgement });
    results.push({ check: check.name, judgement });
  }
  return results;
}

/** Names of the checks that do not hold by what was just seen; nobody is waited for. */
export async function failingChecks(
  { checks, ask }: ServiceCheckContext,
  seen: ReadonlyMap<string, Seen>,
): Promise<ReadonlySet<string>> {
  const judged = await Promise.all(
    checks.map(async (check) => ({ name: check.name, ...(await judge(check, seen, ask)) })),
  );
  return new Set(judged.filter(({ ok }) => !ok).map(({ name }) => name));
}

/** Every host counts as done: what was there before a run is asked of hosts that are yet to be changed. */
export function asIfDone(ask: Ask): Ask {
  return { ...ask, converged: () => true };
}

async function settle(check: Check, context: ServiceCheckContext): Promise<Judgement> {
  if (context.seen !== undefined) {
    const judgement = await judge(check, context.seen, context.ask);
    if (judgement.ok) {
      return judgement;
    }
  }
  const ask = context.ofEveryHost?.has(check.name) === true ? asIfDone(context.ask) : context.ask;
  const isTolerated = context.tolerated?.has(check.name) === true;
  const toleratedMs = context.isPatient === false ? 0 : TOLERATED_MS;
  const deadline = performance.now() + (isTolerated ? toleratedMs : DEADLINE_MS);
  let told: string | undefined;
  let holdsSince: number | undefined;
  for (;;) {
    const judgement = await judge(check, await askAll(check, context), ask);
    const now = performance.now();
    holdsSince = judgement.ok ? (holdsSince ?? now) : undefined;
    const isSteady = holdsSince !== undefined && now - holdsSince >= (check.steadyMs ?? 0);
    if (isSteady || (!judgement.ok && now > deadline)) {
      return judgement;
    }
    if (!judgement.ok && told !== judgement.detail) {
      told = judgement.detail;
      context.listener({ type: 'check-waiting', check: check.name, detail: told });
    }
    await pause();
  }
}

/** A check that fails by itself does not hold; what it asked for may be there the next time. */
export async function judge(check: Check, seen: ReadonlyMap<string, Seen>, ask: Ask): Promise<Judgement> {
  try {
    return await check.judge(seen, ask);
  } catch (error) {
    if (error instanceof RunError) {
      throw error;
    }
    const { what, from } = roleFault(error);
    return { ok: false, detail: what, ...(from !== undefined && { hint: `the check failed at ${from}` }) };
  }
}

async function askAll(check: Check, context: ServiceCheckContext): Promise<ReadonlyMap<string, Seen>> {
  const queries = Object.values(check.reads);
  if (queries.length === 0) {
    return new Map();
  }
  const answers = await Promise.all(
    [...context.hosts()].map(async ([host, on]) => {
      try {
        return [[host, await on((connection) => probe(connection, queries))] as const];
      } catch (error) {
        context.onLost(host, error);
        return [];
      }
    }),
  );
  return new Map(answers.flat());
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PAUSE_MS);
  });
}
