import { EXIT, HostFailed } from '../core/error.ts';
import { sh } from '../core/script.ts';
import type { CheckResult } from '../core/result.ts';
import { disarm } from './armed-undo.ts';
import { keepEvidence } from './evidence.ts';
import { discardUndo } from './kept-undo.ts';
import { isThrownOut } from './lock-hosts.ts';
import { rollBack } from './roll-back.ts';
import type { RolloutContext } from './rollout-context.ts';
import type { Session } from './session.ts';
import { checkService } from './verify.ts';

const DISARM_MS = 30_000;
const ANSWER_MS = 10_000;

/**
 * After a failure or an interrupt: hosts that are not complete are taken back, the last begun first; hosts that
 * are complete too when that was asked for.
 *
 * @returns how the service stands then; undefined when nothing was taken back
 */
export async function takeBack(rollout: RolloutContext): Promise<readonly CheckResult[] | undefined> {
  const { context, request, runId } = rollout;
  const sessions = toTakeBack(rollout);
  if (request.rollback === 'none') {
    await Promise.all(rollout.sessions.map((session) => leave(session, rollout)));
  }
  if (sessions.length === 0) {
    return undefined;
  }
  for (const session of sessions) {
    await keepEvidence(session, request);
    await session.timed(() => rollBack(session, { request, runId, listener: context.listener }));
  }
  await Promise.all(rollout.sessions.map((session) => reachAgain(session, rollout)));
  const connections = new Map(
    rollout.sessions.flatMap(({ host, connection }) => (connection ? [[host, connection]] : [])),
  );
  const checks = await checkService({ ...context, connections });
  const worse = checks.filter(
    ({ check, judgement }) => !judgement.ok && context.tolerated?.has(check) !== true,
  );
  for (const session of sessions) {
    conclude(session, worse);
  }
  return checks;
}

/** What cut off one host may have cut off the others too; how the service stands is asked of all that answer now. */
async function reachAgain(session: Session, { request, context }: RolloutContext): Promise<void> {
  try {
    await session.connection?.exec(sh`:`, { timeoutMs: ANSWER_MS });
  } catch {
    try {
      await session.connection?.close();
      session.connection = await request.connect(session.member.target);
    } catch (error) {
      context.onLost(session.host, error);
    }
  }
}

/** What was kept for undoing is no longer needed on a host that is complete. */
export async function forgetUndo(session: Session, { runId, context }: RolloutContext): Promise<void> {
  const { connection, status, host } = session;
  if (connection === undefined || status !== 'changed') {
    return;
  }
  try {
    await discardUndo({ connection, runId, listener: context.listener });
  } catch (error) {
    // It is complete: the next run forgets what is kept there.
    context.onLost(host, error);
  }
}

/** A host stays as it is, by itself too; how it could be taken back is kept. */
async function leave({ connection, log, host, status }: Session, rollout: RolloutContext): Promise<void> {
  if (connection === undefined || status === 'changed' || !log.begun.some(({ guarded }) => guarded)) {
    return;
  }
  try {
    await connection.exec(disarm(rollout.runId), { timeoutMs: DISARM_MS });
  } catch (error) {
    rollout.context.onLost(host, error);
  }
}

function toTakeBack({ sessions, begun, request }: RolloutContext): readonly Session[] {
  if (request.rollback === 'none') {
    return [];
  }
  const order = [...begun].toReversed();
  return sessions
    .filter((session) => !isThrownOut(session))
    .filter(
      ({ host, log, status }) =>
        begun.has(host) && log.begun.length > 0 && (status !== 'changed' || request.rollback === 'batch'),
    )
    .toSorted((a, b) => order.indexOf(a.host) - order.indexOf(b.host));
}

/** A host that is as before ends the run with 3; one that is not says what is left, and ends it with 1. */
function conclude(session: Session, worse: readonly CheckResult[]): void {
  const { rollback, trouble, host } = session;
  const left = rollback?.left ?? [];
  if (left.length === 0 && worse.length === 0) {
    session.exit = EXIT.rolledBack;
    session.status = 'failed';
    return;
  }
  session.fail(
    new HostFailed({
      ...(trouble ?? { what: 'the run was stopped' }),
      host,
      why: [
        ...(trouble?.why ?? []),
        ...left.map((what) => `not as before: ${what}`),
        ...worse.map(({ check, judgement }) => `not as before: ${check}: ${judgement.detail}`),
      ],
      hint: `look at ${host}; then run again, which makes it as declared`,
    }),
    'failed',
  );
}
