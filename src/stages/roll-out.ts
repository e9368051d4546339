import { HostFailed } from '../core/error.ts';
import { pendingSteps } from '../core/plan.ts';
import type { CheckResult } from '../core/result.ts';
import { planRollout, type Rollout, type Turn } from '../core/rollout.ts';
import type { RunRequest } from '../core/request.ts';
import { applyDeferred, applyTurn, discardUndo, type ApplyContext } from './apply.ts';
import { refuseStale } from './refusals.ts';
import type { Session } from './session.ts';
import { checkService, verifyConverged, type ServiceCheckContext } from './verify.ts';

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
  const { sessions, request } = rollout;
  const plans = sessions.flatMap((session) => session.plan ?? []);
  const { batches, afterwards } = planRollout(plans, (host) => rank(rollout, host), request.playbook.serial);
  const checks = await takeBatches(batches, rollout);
  if (hasEnded(rollout)) {
    tellWhatIsLeft({ batches, afterwards }, rollout);
    return checks;
  }
  for (const turn of afterwards) {
    await finishTurn(turn, rollout);
  }
  return afterwards.length > 0 && !hasEnded(rollout) ? checkService(rollout.context) : checks;
}

/** @returns the checks after the last batch that was taken; the rollout has ended when not all of them hold */
async function takeBatches(
  batches: Rollout['batches'],
  rollout: RolloutContext,
): Promise<readonly CheckResult[]> {
  let checks: readonly CheckResult[] = [];
  for (const batch of batches) {
    await Promise.all(batch.map((turn) => takeTurn(turn, rollout)));
    if (hasEnded(rollout)) {
      return checks;
    }
    checks = await checkService(rollout.context);
    if (!hasEnded(rollout) && checks.some(({ judgement }) => !judgement.ok)) {
      failBatch(batch, checks, rollout);
    }
    if (hasEnded(rollout)) {
      return checks;
    }
  }
  return checks;
}

/** Hosts that were never begun, and hosts whose service was silenced for a change that did not come. */
function tellWhatIsLeft({ batches, afterwards }: Rollout, rollout: RolloutContext): void {
  for (const turn of batches.flat()) {
    const session = sessionOf(rollout, turn.plan.host);
    const begun = rollout.begun.has(session.host);
    if (!begun) {
      session.status = 'skipped';
      rollout.context.listener({
        type: 'host-skipped',
        host: session.host,
        reason: 'an earlier host failed',
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

function failBatch(batch: readonly Turn[], checks: readonly CheckResult[], rollout: RolloutContext): void {
  const failed = checks.filter(({ judgement }) => !judgement.ok);
  for (const { plan } of batch) {
    const session = sessionOf(rollout, plan.host);
    session.fail(
      new HostFailed({
        host: plan.host,
        what: 'the service is not as it should be after this host was changed; no further host was begun',
        why: failed.map(({ check, judgement }) => `${check}: ${judgement.detail}`),
        hint: failed.find(({ judgement }) => judgement.hint)?.judgement.hint,
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
