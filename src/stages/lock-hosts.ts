import type { Held } from '../core/connection.ts';
import { EXIT, Locked, RunError } from '../core/error.ts';
import type { Listener } from '../core/event.ts';
import type { RunRequest } from '../core/request.ts';
import { holdLock } from './lock.ts';
import type { Session } from './session.ts';

/**
 * Locks every host of the cluster, before the first one is changed: half a rollout beside another run is no rollout,
 * and a run that is limited to one host counts on the others, which are its witnesses, to go on serving.
 *
 * A host that cannot be locked has failed; a witness only when somebody else holds it.
 */
export async function lockHosts(
  sessions: readonly Session[],
  request: RunRequest,
  listener: Listener,
): Promise<readonly Held[]> {
  const held = await Promise.all(
    sessions.map(async (session) => {
      const { connection } = session;
      if (connection === undefined) {
        return [];
      }
      try {
        return [await holdLock(connection, request.lockHolder)];
      } catch (error) {
        tellNotHeld(session, error, listener);
        return [];
      }
    }),
  );
  return held.flat();
}

function tellNotHeld(session: Session, error: unknown, listener: Listener): void {
  const { host, member } = session;
  if (member.witness && error instanceof RunError && !(error instanceof Locked)) {
    const reason = `left out by --limit, and could not be locked: ${error.trouble.what}`;
    listener({ type: 'host-skipped', host, reason });
  } else {
    listener({ type: 'host-failed', host, trouble: session.fail(error, 'failed') });
  }
}

/** Hosts that are not begun as the run has ended before all were locked. */
export function tellNoneBegun(sessions: readonly Session[], request: RunRequest, listener: Listener): void {
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
  return sessions.some(({ exit }) => exit === EXIT.locked)
    ? 'another host is locked'
    : 'another host could not be locked';
}
