import { pendingSteps } from '../core/plan.ts';
import type { Turn } from '../core/rollout.ts';
import { applyDeferred, applyTurn, type ApplyContext } from './apply.ts';
import { confirm } from './armed-undo.ts';
import { causeOf } from './own-lock.ts';
import { probe } from './probe.ts';
import { onHost } from './reach.ts';
import { refuseStale } from './refusals.ts';
import { sessionOf, type RolloutContext } from './rollout-context.ts';
import type { Session } from './session.ts';
import { verifyConverged } from './verify.ts';

/** One host's changes, from reading it once more to the proof that nothing is left; what was deferred waits. */
export async function takeTurn(turn: Turn, rollout: RolloutContext): Promise<void> {
  const session = sessionOf(rollout, turn.plan.host);
  const { listener } = rollout.context;
  rollout.begun.add(session.host);
  listener({ type: 'host-started', host: session.host, changes: pendingSteps(turn.plan).length });
  await withTrouble(session, rollout, async () => {
    await refuseStale(session, rollout.request);
    await applyTurn(turn, applyContext(session, rollout), session.log);
    if (turn.deferred.size === 0) {
      await complete(session, rollout);
    } else {
      // How long the other hosts take is no reason to take this one back.
      await confirmGuarded(session, rollout);
    }
  });
}

/** What a turn deferred, once every host is ready for it. */
export async function finishTurn(turn: Turn, rollout: RolloutContext): Promise<void> {
  const session = sessionOf(rollout, turn.plan.host);
  await withTrouble(session, rollout, async () => {
    // A connection that was lost while the other hosts changed is made anew, and one that is lost now as well.
    const on = onHost(session, rollout.request);
    await on((connection) => probe(connection, []));
    await on(() => applyDeferred(turn, applyContext(session, rollout), session.log));
    await complete(session, rollout);
  });
}

async function complete(session: Session, rollout: RolloutContext): Promise<void> {
  const { host, member } = session;
  const { request, context } = rollout;
  session.after = await verifyConverged(member, onHost(session, request), request);
  context.listener({ type: 'host-step', host, step: 'verified' });
  await confirmGuarded(session, rollout);
  session.status = 'changed';
}

async function withTrouble(
  session: Session,
  { request, context }: RolloutContext,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await session.timed(work);
    if (session.status === 'changed') {
      context.listener({ type: 'host-done', host: session.host, ms: session.ms });
    }
  } catch (error) {
    if (request.signal?.aborted === true && error === request.signal.reason) {
      return;
    }
    const trouble = session.fail(causeOf(error, session), 'failed');
    context.listener({ type: 'host-failed', host: session.host, trouble });
  }
}

/** With the connection and the lock as they are now. */
function applyContext(
  { host, connection, lock }: Session,
  { request, context, runId }: RolloutContext,
): ApplyContext {
  if (connection === undefined) {
    throw new TypeError(`${host} is not connected`);
  }
  return { connection, runId, listener: context.listener, lock, signal: request.signal };
}

/** The host still lets somebody in who was not in already; only then its armed undo ends. */
async function confirmGuarded({ member, log }: Session, rollout: RolloutContext): Promise<void> {
  const { request, runId, context } = rollout;
  if (!log.begun.some(({ guarded }) => guarded)) {
    return;
  }
  const fresh = await request.connect(member.target);
  try {
    await confirm(fresh, runId);
  } finally {
    await fresh.close();
  }
  context.listener({ type: 'host-step', host: member.host, step: 'confirmed' });
}
