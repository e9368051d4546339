import { mapLimited } from '../core/concurrency.ts';
import type { Held } from '../core/connection.ts';
import { EXIT, Locked, RunError } from '../core/error.ts';
import type { Listener } from '../core/event.ts';
import type { RunRequest } from '../core/request.ts';
import { holdLock } from './lock.ts';
import { holdOwn } from './own-lock.ts';
import { onHost } from './reach.ts';
import type { Session } from './session.ts';

export interface LockContext {
  readonly request: RunRequest;
  readonly listener: Listener;
}

/**
 * Locks every host of the cluster, before the first one is changed: half a rollout beside another run is no rollout,
 * and a run that is limited to one host counts on the others, which are its witnesses, to go on serving.
 *
 * Always in the same order, whatever the inventory says: of two runs on the same hosts the one that has the first host
 * gets all of them. The first host that is not to be had fails, and the others are left alone; a witness fails only
 * when somebody else holds it.
 */
export async function lockHosts(sessions: readonly Session[], context: LockContext): Promise<void> {
  const { request } = context;
  const deadline = performance.now() + (request.waitMs ?? 0);
  const wanted = sessions
    .filter((session) => session.connection !== undefined && session.lock === undefined)
    .filter((session) => session.hasLock)
    .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  for (const session of wanted) {
    try {
      session.lock = await lockHost(session, context, deadline);
      context.listener({ type: 'host-step', host: session.host, step: 'locked' });
    } catch (error) {
      if (request.signal?.aborted === true && error instanceof RunError) {
        return;
      }
      tellNotHeld(session, error, context.listener);
      if (session.trouble !== undefined) {
        return;
      }
    }
  }
}

function tellNotHeld(session: Session, error: unknown, listener: Listener): void {
  const { host, member } = session;
  if (member.witness && error instanceof RunError && !(error instanceof Locked)) {
    session.hasLock = false;
    const reason = `left out by --limit, and could not be locked: ${error.trouble.what}`;
    listener({ type: 'host-skipped', host, reason });
  } else {
    listener({ type: 'host-failed', host, trouble: session.fail(error, 'failed') });
  }
}

/** Hosts that are not begun as the run has ended before all were locked. */
export function tellNoneBegun(sessions: readonly Session[], { request, listener }: LockContext): void {
  const reason = whyNoneBegun(sessions, request);
  for (const session of sessions.filter(({ status }) => status === 'pending')) {
    session.status = 'skipped';
    listener({ type: 'host-skipped', host: session.host, reason });
  }
}

function whyNoneBegun(sessions: readonly Session[], { signal }: RunRequest): string {
  if (signal?.aborted === true) {
    return 'the run was stopped';
  }
  return isLocked(sessions) ? 'another host is locked' : 'another host could not be locked';
}

/**
 * With `--wait` hosts are locked before they are read: what another run leaves is what this one plans on.
 *
 * @param onFailed told of a host that cannot be reached; a witness is tried again when it is read
 */
export async function lockFirst(
  sessions: readonly Session[],
  context: LockContext,
  onFailed: (session: Session, error: unknown) => void,
): Promise<void> {
  const { request } = context;
  if (request.waitMs === undefined || request.check) {
    return;
  }
  await mapLimited(sessions, request.forks, async (session) => {
    try {
      session.connection = await session.timed(() => request.connect(session.member.target));
    } catch (error) {
      if (!session.member.witness) {
        onFailed(session, error);
      }
    }
  });
  await lockHosts(sessions, context);
}

/** Whether another run has a host that this one needs. */
export function isLocked(sessions: readonly Session[]): boolean {
  return sessions.some(({ exit }) => exit === EXIT.locked);
}

async function lockHost(session: Session, context: LockContext, deadline: number): Promise<Held> {
  const { host } = session;
  const { lockHolder, signal } = context.request;
  const on = onHost(session, context.request);
  try {
    return await on((connection) => holdOwn(connection, lockHolder));
  } catch (error) {
    const waitMs = deadline - performance.now();
    if (!(error instanceof Locked) || waitMs <= 0) {
      throw error;
    }
    context.listener({ type: 'host-waiting', host, holder: error.trouble.why?.join(' ') ?? '' });
    return on((connection) => holdLock(connection, lockHolder, { waitMs, signal }));
  }
}

function placeOf({ member: { target } }: Session): string {
  return `${target.address} ${target.port} ${target.host}`;
}
