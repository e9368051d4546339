import { pendingSteps } from '../core/plan.ts';
import type { Turn } from '../core/rollout.ts';
import { applyDeferred, applyTurn, type ApplyContext } from './apply.ts';
import { confirm } from './armed-undo.ts';
import { causeOf } from './lock-hosts.ts';
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
  await withTrouble(session, rollout, async (context) => {
    await refuseStale(session, rollout.request);
    await applyTurn(turn, context, session.log);
    if (turn.deferred.size === 0) {
      await complete(session, rollout, context);
    } else {
      // How long the other hosts take is no reason to take this one back.
      await confirmGuarded(session, rollout);
    }
  });
}

/** What a turn deferred, once every host is ready for it. */
export async function finishTurn(turn: Turn, rollout: RolloutContext): Promise<void> {
  const session = sessionOf(rollout, turn.plan.host);
  await withTrouble(session, rollout, async (context) => {
    await applyDeferred(turn, context, session.log);
    await complete(session, rollout, context);
  });
}

async function complete(session: Session, rollout: RolloutContext, apply: ApplyContext): Promise<void> {
  session.after = await verifyConverged(session.member, apply.connection, rollout.request);
  await confirmGuarded(session, rollout);
  session.status = 'changed';
}

async function withTrouble(
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
      work({ connection, runId, listener: context.listener, lock: session.lock, signal: request.signal }),
    );
  } catch (error) {
    if (request.signal?.aborted === true && error === request.signal.reason) {
      return;
    }
    const trouble = session.fail(causeOf(error, session), 'failed');
    context.listener({ type: 'host-failed', host: session.host, trouble });
  }
}

/** The host still lets somebody in who was not in already; only then its armed undo ends. */
async function confirmGuarded({ member, log }: Session, rollout: RolloutContext): Promise<void> {
  const { request, runId } = rollout;
  if (!log.begun.some(({ guarded }) => guarded)) {
    return;
  }
  const fresh = await request.connect(member.target);
  try {
    await confirm(fresh, runId);
  } finally {
    await fresh.close();
  }
}
