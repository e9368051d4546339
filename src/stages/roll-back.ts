import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../core/connection.ts';
import { Locked, RunError, Unreachable } from '../core/error.ts';
import type { Listener } from '../core/event.ts';
import { pendingSteps } from '../core/plan.ts';
import type { RunRequest } from '../core/request.ts';
import { undoOrder, type Rollback } from '../core/undo.ts';
import { arm, disarm } from './armed-undo.ts';
import { runAction } from './apply.ts';
import { discardUndo, readKept } from './kept-undo.ts';
import { lockAgain } from './lock-hosts.ts';
import { planMember } from './plan.ts';
import { probe } from './probe.ts';
import type { Session } from './session.ts';

/** How long a host that was lost may take to answer again, and how often it is asked. */
const RETURN_MS = 60_000;
const RETRY_MS = 1_000;
/** How long taking back may take before the host begins on its own after all. */
const ROLLBACK_MS = 10 * 60_000;
const STEP_MS = 30_000;

export interface RollbackContext {
  readonly request: RunRequest;
  readonly runId: string;
  readonly listener: Listener;
}

/**
 * Takes back everything the run did on a host, files first, and reads it again.
 *
 * What cannot be taken back is told; nothing is thrown but bugs.
 */
export async function rollBack(session: Session, context: RollbackContext): Promise<Rollback> {
  const { host, log } = session;
  const { listener, runId } = context;
  listener({ type: 'rollback-started', host, changes: log.begun.length });
  const undone: string[] = [];
  const stays: string[] = [];
  const left: string[] = [];
  try {
    const connection = await connectionTo(session, context.request);
    const apply = { connection, runId, listener };
    const kept = await readKept(apply, log.begun, log.begun.at(-1)?.timeoutMs ?? 0);
    const isArmed = kept.isThere && log.begun.some(({ guarded }) => guarded);
    if (isArmed) {
      // While it is taken back from here, the host must not begin on its own.
      await connection.exec(arm(runId, ROLLBACK_MS), { timeoutMs: STEP_MS });
    }
    if (kept.isBusy) {
      left.push(`${log.begun.at(-1)?.resource.id}: still goes on`);
    }
    for (const { resource, undo, stays: why, timeoutMs } of undoOrder(log.begun)) {
      if (undo === undefined) {
        stays.push(`${resource.id}: ${why}`);
        continue;
      }
      if (kept.unbegun.has(resource.id)) {
        continue;
      }
      if (!kept.isThere) {
        // Either the host has taken it back by itself, or nothing of it was begun.
        undone.push(...(log.applied.length > 0 ? [resource.id] : []));
        continue;
      }
      try {
        await runAction(undo, resource, apply, timeoutMs);
        undone.push(resource.id);
      } catch (error) {
        left.push(`${resource.id}: ${whyOf(error)}`);
      }
    }
    left.push(...(await notAsBefore(session, connection, context.request)));
    if (isArmed) {
      await connection.exec(disarm(runId), { timeoutMs: STEP_MS });
    }
    if (left.length === 0) {
      await discardUndo(apply);
    }
  } catch (error) {
    left.push(`${host}: ${whyOf(error)}; on the host: sh /var/lib/run-playbook/undo/${runId}/undo`);
  }
  const rollback = { undone, stays, left };
  session.rollback = rollback;
  listener({ type: 'rollback-ended', host, rollback });
  return rollback;
}

/** The connection there is, or a new one: a host may have been lost in the middle of a change. */
async function connectionTo(session: Session, request: RunRequest): Promise<Connection> {
  const deadline = performance.now() + RETURN_MS;
  for (;;) {
    try {
      const { connection } = session;
      if (connection !== undefined) {
        await probe(connection, []);
        await lockAgain(session, request);
        return connection;
      }
      session.connection = await request.connect(session.member.target);
    } catch (error) {
      const mayPass = error instanceof Unreachable || error instanceof Locked;
      if (!mayPass || performance.now() > deadline) {
        throw error;
      }
      await session.connection?.close();
      session.connection = undefined;
      await sleep(RETRY_MS);
    }
  }
}

/** What was as declared before the run and is not any more. */
async function notAsBefore(
  session: Session,
  connection: Connection,
  request: RunRequest,
): Promise<readonly string[]> {
  const { member, plan } = session;
  const planned = new Set((plan === undefined ? [] : pendingSteps(plan)).map(({ resource }) => resource.id));
  session.after = await probe(connection, member.queries);
  const now = planMember(member, session.after, request);
  return pendingSteps(now)
    .filter(({ resource }) => !planned.has(resource.id))
    .map((step) => `${step.resource.id}: ${step.is === 'change' ? step.change.summary : step.reason}`);
}

function whyOf(error: unknown): string {
  if (!(error instanceof RunError)) {
    throw error;
  }
  return error.trouble.what;
}
