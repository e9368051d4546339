import { HostFailed } from '../core/error.ts';
import type { Seen } from '../core/query.ts';
import type { CheckResult } from '../core/result.ts';
import { planRollout, type Rollout, type Turn } from '../core/rollout.ts';
import { lockHosts, tellNoneBegun } from './lock-hosts.ts';
import { probe } from './probe.ts';
import { onHost } from './reach.ts';
import { hasEnded, sessionOf, type RolloutContext } from './rollout-context.ts';
import type { Session } from './session.ts';
import { forgetUndo, takeBack } from './take-back.ts';
import { finishTurn, takeTurn } from './turn.ts';
import { asIfDone, checkService, failingChecks } from './verify.ts';

/** A rollout before anybody knows how the service stood before it. */
export type RolloutStart = Omit<RolloutContext, 'heldBefore'>;

/**
 * Changes the hosts batch by batch, whoever serves last; the service is checked before the next batch begins.
 *
 * The first failure ends it: no further host is begun.
 */
export async function rollOut(rollout: RolloutStart): Promise<readonly CheckResult[]> {
  const { sessions, request, context } = rollout;
  await lockHosts(sessions, { request, listener: context.listener });
  if (hasEnded(rollout)) {
    tellNoneBegun(sessions, { request, listener: context.listener });
    return [];
  }
  return rollOutLocked(rollout);
}

async function rollOutLocked(start: RolloutStart): Promise<readonly CheckResult[]> {
  const { sessions, request } = start;
  await Promise.all(sessions.map((session) => lookAgain(session, start)));
  if (hasEnded(start)) {
    return [];
  }
  const rollout = await knowingBefore(start);
  const plans = sessions.flatMap((session) => session.plan ?? []);
  const { batches, afterwards } = planRollout(plans, (host) => rank(rollout, host), request.playbook.serial);
  const checks = await takeBatches(batches, rollout);
  const isAgreed = afterwards.length > 0 && isComplete(batches.at(-1) ?? [], rollout);
  for (const turn of isAgreed ? afterwards : []) {
    await finishTurn(turn, rollout);
  }
  if (hasEnded(rollout)) {
    tellNotBegun(batches, rollout);
    const silenced = new Set(isAgreed ? afterwards.map(({ plan }) => plan.host) : []);
    const after = await takeBack(rollout, silenced);
    await Promise.all(sessions.map((session) => forgetUndo(session, rollout)));
    tellSilenced(afterwards, rollout);
    return after ?? checks;
  }
  await Promise.all(sessions.map((session) => forgetUndo(session, rollout)));
  const isDone = afterwards.length === 0 && checks.every(({ judgement }) => judgement.ok);
  return isDone ? checks : checkService(start.context);
}

/** How the service stands before the first change: of hosts that are as declared, and of all of them as they are. */
async function knowingBefore(start: RolloutStart): Promise<RolloutContext> {
  const { context, sessions } = start;
  const seen = seenBy(sessions);
  const [tolerated, failing] = await Promise.all([
    failingChecks(context, seen),
    failingChecks({ ...context, ask: asIfDone(context.ask) }, seen),
  ]);
  const names = context.checks.map(({ name }) => name);
  return {
    ...start,
    context: { ...context, tolerated },
    heldBefore: new Set(names.filter((name) => !failing.has(name))),
  };
}

/** Whether nothing is wrong, and all hosts of a batch are as declared: an interrupt has come too late for them. */
function isComplete(batch: Rollout['batches'][number], rollout: RolloutContext): boolean {
  return (
    rollout.sessions.every(({ trouble }) => trouble === undefined) &&
    batch.every(({ plan }) => sessionOf(rollout, plan.host).status === 'changed')
  );
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
async function lookAgain(session: Session, { context, request }: RolloutStart): Promise<void> {
  try {
    session.seen = await onHost(session, request)((connection) => probe(connection, session.member.queries));
  } catch (error) {
    context.onLost(session.host, error);
  }
}

function seenBy(sessions: readonly Session[]): ReadonlyMap<string, Seen> {
  return new Map(sessions.flatMap(({ host, seen }) => (seen ? [[host, seen]] : [])));
}

function tellNotBegun(batches: Rollout['batches'], rollout: RolloutContext): void {
  const isStopped = rollout.request.signal?.aborted === true;
  const sessions = batches.flat().map(({ plan }) => sessionOf(rollout, plan.host));
  for (const session of sessions.filter(
    ({ status, log }) => status === 'pending' && log.begun.length === 0,
  )) {
    session.status = 'skipped';
    const reason = isStopped ? 'the run was stopped' : 'an earlier host failed';
    rollout.context.listener({ type: 'host-skipped', host: session.host, reason });
  }
}

/** Hosts whose service was silenced for a change that did not come, and was not taken back. */
function tellSilenced(afterwards: readonly Turn[], rollout: RolloutContext): void {
  for (const turn of afterwards) {
    const session = sessionOf(rollout, turn.plan.host);
    const { host, status, trouble: known, rollback } = session;
    const isSilenced = rollout.begun.has(host) && status !== 'changed';
    if (isSilenced && known === undefined && rollback === undefined) {
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
