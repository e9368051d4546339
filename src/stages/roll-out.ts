import { HostFailed } from '../core/error.ts';
import type { Seen } from '../core/query.ts';
import type { CheckResult } from '../core/result.ts';
import { planRollout, type Rollout, type Turn } from '../core/rollout.ts';
import { lockHosts, tellNoneBegun } from './lock-hosts.ts';
import { probe } from './probe.ts';
import { hasEnded, sessionOf, type RolloutContext } from './rollout-context.ts';
import type { Session } from './session.ts';
import { forgetUndo, takeBack } from './take-back.ts';
import { finishTurn, takeTurn } from './turn.ts';
import { checkService, failingChecks } from './verify.ts';

/**
 * Changes the hosts batch by batch, whoever serves last; the service is checked before the next batch begins.
 *
 * The first failure ends it: no further host is begun.
 */
export async function rollOut(rollout: RolloutContext): Promise<readonly CheckResult[]> {
  const { sessions, request, context } = rollout;
  await lockHosts(sessions, { request, listener: context.listener });
  if (hasEnded(rollout)) {
    tellNoneBegun(sessions, { request, listener: context.listener });
    return [];
  }
  return rollOutLocked(rollout);
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
  for (const turn of hasEnded(rollout) ? [] : afterwards) {
    await finishTurn(turn, rollout);
  }
  if (hasEnded(rollout)) {
    tellNotBegun(batches, rollout);
    const after = await takeBack({ ...rollout, context: { ...rollout.context, tolerated } });
    await Promise.all(sessions.map((session) => forgetUndo(session, rollout)));
    tellSilenced(afterwards, rollout);
    return after ?? checks;
  }
  await Promise.all(sessions.map((session) => forgetUndo(session, rollout)));
  const isDone = afterwards.length === 0 && checks.every(({ judgement }) => judgement.ok);
  return isDone ? checks : checkService(rollout.context);
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

function tellNotBegun(batches: Rollout['batches'], rollout: RolloutContext): void {
  const isStopped = rollout.request.signal?.aborted === true;
  for (const { plan } of batches.flat().filter((turn) => !rollout.begun.has(turn.plan.host))) {
    sessionOf(rollout, plan.host).status = 'skipped';
    const reason = isStopped ? 'the run was stopped' : 'an earlier host failed';
    rollout.context.listener({ type: 'host-skipped', host: plan.host, reason });
  }
}

/** Hosts whose service was silenced for a change that did not come, and was not taken back. */
function tellSilenced(afterwards: readonly Turn[], rollout: RolloutContext): void {
  for (const turn of afterwards) {
    const session = sessionOf(rollout, turn.plan.host);
    if (rollout.begun.has(session.host) && session.trouble === undefined && session.rollback === undefined) {
      const error = new HostFailed({
        host: session.host,
        resource: [...turn.deferred].join(', '),
        what: 'waits, stopped, for all hosts to change together, and that did not happen',
        why: ['started alone it would take its peers for dead, and hold the virtual IP beside them'],
        hint: 'put right what failed, and run again: it is started at the end',
      });
      const trouble = session.fail(error, 'failed');
      rollout.context.listener({ type: 'host-failed', host: session.host, trouble });
    }
  }
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
