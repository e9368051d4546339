import { EXIT, HostFailed, RunError } from '../core/error.ts';
import { sh } from '../core/script.ts';
import type { CheckResult } from '../core/result.ts';
import type { Rollback } from '../core/undo.ts';
import { disarmNow } from './armed-undo.ts';
import { keepEvidence } from './evidence.ts';
import { discardUndo } from './kept-undo.ts';
import { isThrownOut } from './own-lock.ts';
import { onHost, reach } from './reach.ts';
import { rollBack } from './roll-back.ts';
import type { RolloutContext } from './rollout-context.ts';
import type { Session } from './session.ts';
import { checkService } from './verify.ts';

const ANSWER_MS = 10_000;

/**
 * After a failure or an interrupt: hosts that are not complete are taken back, the last begun first; hosts that
 * are complete too when that was asked for.
 *
 * @param silenced hosts that were to follow the others, which have changed: taken back alone they would not agree with
 * them, and so they stay as they are
 * @returns how the service stands then; undefined when nothing was taken back
 */
export async function takeBack(
  rollout: RolloutContext,
  silenced: ReadonlySet<string>,
): Promise<readonly CheckResult[] | undefined> {
  const { context, request, runId } = rollout;
  const sessions = toTakeBack(rollout, silenced);
  if (request.rollback === 'none') {
    await Promise.all(rollout.sessions.map((session) => leave(session, rollout)));
  }
  if (sessions.length === 0) {
    return undefined;
  }
  for (const session of sessions) {
    await session.timed(() => rollBack(session, { request, runId, listener: context.listener }));
    // No check may count on what it had.
    session.status = 'failed';
  }
  await Promise.all(rollout.sessions.map((session) => reachAgain(session, rollout)));
  // What did not hold before need not hold now.
  const checks = await checkService({ ...context, isPatient: false, ofEveryHost: rollout.heldBefore });
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
      await reach(session, request);
    } catch (error) {
      context.onLost(session.host, error);
    }
  }
}

/** What was kept for undoing is no longer needed on a host that is complete. */
export async function forgetUndo(
  session: Session,
  { runId, context, request }: RolloutContext,
): Promise<void> {
  const { status, host } = session;
  if (status !== 'changed') {
    return;
  }
  try {
    await onHost(session, request)((connection) => discardUndo({ connection, runId }));
    context.listener({ type: 'host-step', host, step: 'forgotten' });
  } catch (error) {
    // It is complete: the next run forgets what is kept there.
    context.onLost(host, error);
  }
}

/** A host stays as it is, by itself too; how it could be taken back is kept. */
async function leave(session: Session, { runId, request }: RolloutContext): Promise<void> {
  const { log, status } = session;
  if (status === 'changed' || log.begun.length === 0) {
    return;
  }
  await keepEvidence(session, request);
  if (!log.begun.some(({ guarded }) => guarded)) {
    return;
  }
  try {
    await onHost(session, request)((connection) => disarmNow(connection, runId));
  } catch (error) {
    if (!(error instanceof RunError)) {
      throw error;
    }
    failToo(session, [`it takes the run back by itself: ${error.trouble.what}`], error.trouble.hint);
  }
}

function toTakeBack(
  { sessions, begun, request }: RolloutContext,
  silenced: ReadonlySet<string>,
): readonly Session[] {
  if (request.rollback === 'none') {
    return [];
  }
  const order = [...begun].toReversed();
  return sessions
    .filter((session) => !isThrownOut(session))
    .filter(({ host, log }) => begun.has(host) && log.begun.length > 0)
    .filter(
      ({ host, status }) => request.rollback === 'batch' || (status !== 'changed' && !silenced.has(host)),
    )
    .toSorted((a, b) => order.indexOf(a.host) - order.indexOf(b.host));
}

/**
 * A host that is as before ends the run with 3, or with 4 when it was lost before anything was begun there; one that
 * is not as before says what is left, and ends it with 1.
 */
function conclude(session: Session, worse: readonly CheckResult[]): void {
  const { rollback, host } = session;
  const left = rollback?.left ?? [];
  if (session.exit === EXIT.unreachable && worse.length === 0 && isUntouched(rollback)) {
    session.status = 'unreachable';
    session.rollback = undefined;
    return;
  }
  if (left.length === 0 && worse.length === 0) {
    session.exit = EXIT.rolledBack;
    return;
  }
  failToo(
    session,
    [
      ...left.map((what) => `not as before: ${what}`),
      ...worse.map(({ check, judgement }) => `not as before: ${check}: ${judgement.detail}`),
    ],
    `look at ${host}; then run again, which makes it as declared`,
  );
}

/** More of a host that has failed, or was stopped. */
function failToo(session: Session, why: readonly string[], hint: string | undefined): void {
  const { trouble, host } = session;
  session.fail(
    new HostFailed({
      ...(trouble ?? { what: 'the run was stopped' }),
      host,
      why: [...(trouble?.why ?? []), ...why],
      hint,
    }),
    'failed',
  );
}

function isUntouched(rollback: Rollback | undefined): boolean {
  return rollback !== undefined && Object.values(rollback).every((changes) => changes.length === 0);
}
