import type { Connection } from '../core/connection.ts';
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

/** How long a cluster gets to settle after a change, and how often it is asked. */
const DEADLINE_MS = 20_000;
const PAUSE_MS = 250;

/**
 * The host is as declared: reading it again plans nothing.
 *
 * @throws HostFailed something is still, or again, not as declared
 */
export async function verifyConverged(
  member: Member,
  connection: Connection,
  filter: TagFilter,
): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const plan = planMember(member, await probe(connection, member.queries), filter);
    const left = pendingSteps(plan);
    if (left.length === 0) {
      return;
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
  readonly connections: ReadonlyMap<string, Connection>;
  readonly ask: Ask;
  readonly listener: Listener;
  /** Told of a host that no longer answers; the others are judged without it. */
  readonly onLost: (host: string, error: unknown) => void;
  /** What a probe of a moment ago answered; when it satisfies a check, nobody is asked again. */
  readonly seen?: ReadonlyMap<string, Seen>;
}

/** How the service as a whole stands: every check, each asked of all hosts at once until it holds or the deadline is over. */
export async function checkService(context: ServiceCheckContext): Promise<readonly CheckResult[]> {
  const deadline = performance.now() + DEADLINE_MS;
  const results: CheckResult[] = [];
  for (const check of context.checks) {
    const judgement = await settle(check, context, deadline);
    context.listener({ type: 'check-judged', check: check.name, judgement });
    results.push({ check: check.name, judgement });
  }
  return results;
}

async function settle(check: Check, context: ServiceCheckContext, deadline: number): Promise<Judgement> {
  let judgement = await judge(check, context.seen ?? (await askAll(check, context)), context.ask);
  let told: string | undefined;
  while (!judgement.ok && performance.now() < deadline) {
    if (told !== judgement.detail) {
      told = judgement.detail;
      context.listener({ type: 'check-waiting', check: check.name, detail: told });
    }
    await pause();
    judgement = await judge(check, await askAll(check, context), context.ask);
  }
  return judgement;
}

/** A check that fails by itself does not hold; what it asked for may be there the next time. */
async function judge(check: Check, seen: ReadonlyMap<string, Seen>, ask: Ask): Promise<Judgement> {
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
  const answers = new Map<string, Seen>();
  if (queries.length > 0) {
    await Promise.all(
      [...context.connections].map(async ([host, connection]) => {
        try {
          answers.set(host, await probe(connection, queries));
        } catch (error) {
          context.onLost(host, error);
        }
      }),
    );
  }
  return answers;
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PAUSE_MS);
  });
}
