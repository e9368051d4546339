import type { Connection, Held } from '../core/connection.ts';
import { HostFailed, Locked, RunError } from '../core/error.ts';
import type { RunRequest } from '../core/request.ts';
import type { ApplyContext } from './apply.ts';
import { BREAK_LOCK, holdLock } from './lock.ts';
import type { Session } from './session.ts';

const BREAK_TIMEOUT_MS = 30_000;

/** @throws HostFailed the lock is no longer held: nothing more may be changed */
export function refuseThrownOut({ lock, connection: { host } }: ApplyContext): void {
  if (lock?.state() === 'ended') {
    throw thrownOut(host);
  }
  if (lock?.state() === 'lost') {
    throw new HostFailed({
      host,
      what: 'the connection was lost that held its lock; nothing further was changed',
    });
  }
}

/**
 * Holds the lock of a host again whose connection was lost, and the lock with it.
 *
 * @throws Locked another run has it
 */
export async function lockAgain(session: Session, { lockHolder }: RunRequest): Promise<void> {
  const { connection, lock } = session;
  if (connection !== undefined && lock?.state() === 'lost') {
    session.lock = await holdOwn(connection, lockHolder);
  }
}

/**
 * Holds a host's lock, though this run may have it there already, by a connection that was lost: a host that has not
 * noticed yet is told.
 *
 * @throws Locked another run has it
 */
export async function holdOwn(connection: Connection, lockHolder: string): Promise<Held> {
  try {
    return await holdLock(connection, lockHolder);
  } catch (error) {
    if (!(error instanceof Locked) || error.trouble.why?.includes(lockHolder) !== true) {
      throw error;
    }
    await connection.exec(BREAK_LOCK, { timeoutMs: BREAK_TIMEOUT_MS });
    return holdLock(connection, lockHolder);
  }
}

/** What a host's turn ended with, told by its cause: a run that is thrown out loses its connection too. */
export function causeOf(error: unknown, session: Session): unknown {
  return error instanceof RunError && isThrownOut(session) ? thrownOut(session.host) : error;
}

/** Whether somebody else may be changing the host now. */
export function isThrownOut({ lock }: Session): boolean {
  return lock?.state() === 'ended';
}

function thrownOut(host: string): HostFailed {
  return new HostFailed({
    host,
    what: 'this run was thrown out, its lock released by force: nothing further was changed from here',
    hint: 'run again once nobody else works there: run-playbook lock status',
  });
}
