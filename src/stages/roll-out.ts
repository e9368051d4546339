import { HostFailed } from '../core/error.ts';
import { pendingSteps } from '../core/plan.ts';
import type { Seen } from '../core/query.ts';
import type { CheckResult } from '../core/result.ts';
import { planRollout, type Rollout, type Turn } from '../core/rollout.ts';
import type { RunRequest } from '../core/request.ts';
import { applyDeferred, applyTurn, discardUndo, type ApplyContext } from './apply.ts';
import { lockHosts, tellNoneBegun } from './lock-hosts.ts';
import { probe } from './probe.ts';
import { refuseStale } from './refusals.ts';
import type { Session } from './session.ts';
import { checkService, failingChecks, verifyConverged, type ServiceCheckContext } from './verify.ts';

/** Everything the rollout of one run works with. */
export interface RolloutContext {
  /** Hosts that were read and planned. */
  readonly sessions: readonly Session[];
  readonly request: RunRequest;
  readonly context: ServiceCheckContext;
  readonly runId: string;
  /** Hosts whose turn has come; filled as it goes on. */
  readonly begun: Set<string>;
}

/**
 * Changes the hosts batch by batch, whoever serves last; the service is checked before the next batch begins.
 *
 * The first failure ends it: no further host is begun.
 */
export async function rollOut(rollout: RolloutContext): Promise<readonly CheckResult[]> {
  const { sessions, request, context } = rollout;
  const locks = await lockHosts(sessions, request, context.listener);
  try {
    if (hasEnded(rollout)) {
      tellNoneBegun(sessions, request, context.listener);
      return [];
    }
    return await rollOutLocked(rollout);
  } finally {
    await Promise.all(locks.map((lock) => lock.release()));
  }
}

async function rollOutLocked(rollout: RolloutContext): Promise<readonly CheckResult[]> {
  const { sessions, request } = rollout;
  await Promise.all(sessions.map((session) => lookAgain(session, rollout)));
  if (hasEnded(rollout)) {
    return [];
  }
  const plans = sessions.flatMap((session) => session.plan ?? []);
  const { batches, afterwards } = planRollout(plans, (host) => rank(rollout, host), request.playbook.serial);
  const tolerated = await failingChecks(rollout.context, seenBy(sessions));
  const checks = await takeBatches(batches, { ...rollout, context: { ...rollout.context, tolerated } });
  if (hasEnded(rollout)) {
    tellWhatIsLeft({ batches, afterwards }, rollout);
    return checks;
  }
  for (const turn of afterwards) {
    await finishTurn(turn, rollout);
  }
  const isDone = afterwards.length === 0 && checks.every(({ judgement }) => judgement.ok);
  return isDone || hasEnded(rollout) ? checks : checkService(rollout.context);
}

/** @returns the checks after the last batch that was taken; a check that no longer holds has ended the rollout */
async function takeBatches(
  batches: Rollout['batches'],
  rollout: RolloutContext,
): Promise<readonly CheckResult[]> {
  const { context } = rollout;
  let checks: readonly CheckResult[] = [];
  for (const batch of batches) {
    await Promise.all(batch.map((turn) => takeTurn(turn, rollout)));
    if (hasEnded(rollout)) {
      return checks;
    }
    const isPatient = batch.every((turn) => turn.deferred.size === 0);
    checks = await checkService({ ...context, isPatient });
    const broken = checks.filter(
      ({ check, judgement }) => !judgement.ok && context.tolerated?.has(check) !== true,
    );
    if (!hasEnded(rollout) && broken.length > 0) {
      failBatch(batch, broken, rollout);
    }
    if (hasEnded(rollout)) {
      return checks;
    }
  }
  return checks;
}

/** While a person read the plan, the address may have moved: the order comes from how things stand now. */
async function lookAgain(session: Session, { context }: RolloutContext): Promise<void> {
  try {
    session.seen = session.connection && (await probe(session.connection, session.member.queries));
  } catch (error) {
    context.onLost(session.host, error);
  }
}

function seenBy(sessions: readonly Session[]): ReadonlyMap<string, Seen> {
  return new Map(sessions.flatMap(({ host, seen }) => (seen ? [[host, seen]] : [])));
}

/** Hosts that were never begun, and hosts whose service was silenced for a change that did not come. */
function tellWhatIsLeft({ batches, afterwards }: Rollout, rollout: RolloutContext): void {
  const isStopped = rollout.request.signal?.aborted === true;
  for (const turn of batches.flat()) {
    const session = sessionOf(rollout, turn.plan.host);
    const begun = rollout.begun.has(session.host);
    if (!begun) {
      session.status = 'skipped';
      rollout.context.listener({
        type: 'host-skipped',
        host: session.host,
        reason: isStopped ? 'the run was stopped' : 'an earlier host failed',
      });
    } else if (afterwards.includes(turn) && session.trouble === undefined) {
      const ids = [...turn.deferred].join(', ');
      const error = new HostFailed({
        host: session.host,
        resource: ids,
        what: 'waits, stopped, for all hosts to change together, and that did not happen',
        why: ['started alone it would take its peers for dead, and hold the virtual IP beside them'],
        hint: 'put right what failed, and run again: it is started at the end',
      });
      rollout.context.listener({
        type: 'host-failed',
        host: session.host,
        trouble: session.fail(error, 'failed'),
      });
    }
  }
}

async function takeTurn(turn: Turn, rollout: RolloutContext): Promise<void> {
  const session = sessionOf(rollout, turn.plan.host);
  const { listener } = rollout.context;
  rollout.begun.add(session.host);
  listener({ type: 'host-started', host: session.host, changes: pendingSteps(turn.plan).length });
  await guarded(session, rollout, async (context) => {
    await refuseStale(session, rollout.request);
    await applyTurn(turn, context, session.log);
    if (turn.deferred.size === 0) {
      await complete(session, rollout, context);
    }
  });
}

async function finishTurn(turn: Turn, rollout: RolloutContext): Promise<void> {
  const session = sessionOf(rollout, turn.plan.host);
  await guarded(session, rollout, async (context) => {
    await applyDeferred(turn, context, session.log);
    await complete(session, rollout, context);
  });
}

async function complete(session: Session, { request }: RolloutContext, apply: ApplyContext): Promise<void> {
  await verifyConverged(session.member, apply.connection, request);
  await discardUndo(apply);
  session.status = 'changed';
}

async function guarded(
  session: Session,
  { request, context, runId }: RolloutContext,
  work: (context: ApplyContext) => Promise<void>,
): Promise<void> {
  const { connection } = session;
  if (connection === undefined) {
    return;
  }
  try {
    await session.timed(() =>
      work({ connection, runId, listener: context.listener, signal: request.signal }),
    );
  } catch (error) {
    if (request.signal?.aborted === true && error === request.signal.reason) {
      return;
    }
    const trouble = session.fail(error, 'failed');
    context.listener({ type: 'host-failed', host: session.host, trouble });
  }
}

function hasEnded({ sessions, request }: RolloutContext): boolean {
  return request.signal?.aborted === true || sessions.some((session) => session.trouble !== undefined);
}

function failBatch(batch: readonly Turn[], broken: readonly CheckResult[], rollout: RolloutContext): void {
  for (const { plan } of batch) {
    const session = sessionOf(rollout, plan.host);
    session.fail(
      new HostFailed({
        host: plan.host,
        what: 'the service is not as it was before this host was changed; no further host was begun',
        why: broken.map(({ check, judgement }) => `${check}: ${judgement.detail}`),
        hint: broken.find(({ judgement }) => judgement.hint)?.judgement.hint,
      }),
      'failed',
    );
  }
}

/** Failed hosts first, whoever serves last. */
function rank({ sessions }: RolloutContext, host: string): number {
  const session = sessions.find((candidate) => candidate.host === host);
  const { seen } = session ?? {};
  return seen === undefined
    ? 0
    : Math.max(0, ...(session?.member.standings.map((standing) => standing.rank(seen)) ?? []));
}

function sessionOf({ sessions }: RolloutContext, host: string): Session {
  const session = sessions.find((candidate) => candidate.host === host);
  if (session === undefined) {
    throw new Error(`no session for ${host}`);
  }
  return session;
}
