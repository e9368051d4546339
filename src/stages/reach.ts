import type { Connection } from '../core/connection.ts';
import { Unreachable } from '../core/error.ts';
import type { RunRequest } from '../core/request.ts';
import { causeOf, isThrownOut, lockAgain } from './own-lock.ts';
import type { Session } from './session.ts';

/** Lends a host's connection to `work`, which changes nothing, or does no harm when it is done twice. */
export type OnHost = <T>(work: (connection: Connection) => Promise<T>) => Promise<T>;

/**
 * Lends the connection that there is; when that is lost, once more a new one: a connection that breaks between two
 * changes is no reason to end a run.
 *
 * @throws Unreachable the host does not answer
 * @throws Locked the lock went with the connection, and another run has it now
 * @throws HostFailed somebody released the lock by force
 */
export function onHost(session: Session, request: RunRequest): OnHost {
  return async (work) => {
    if (session.connection !== undefined) {
      try {
        return await work(session.connection);
      } catch (error) {
        if (!(error instanceof Unreachable) || isThrownOut(session)) {
          throw causeOf(error, session);
        }
      }
    }
    const connection = await reach(session, request);
    await lockAgain(session, request);
    return work(connection);
  };
}

/** Every host that there is a connection to, and how it is asked. */
export function onHosts(sessions: readonly Session[], request: RunRequest): ReadonlyMap<string, OnHost> {
  const connected = sessions.filter(({ connection }) => connection !== undefined);
  return new Map(connected.map((session) => [session.host, onHost(session, request)]));
}

/** A new connection to the host, in the place of the one that there was. */
export async function reach(session: Session, request: RunRequest): Promise<Connection> {
  await session.connection?.close();
  session.connection = undefined;
  session.connection = await request.connect(session.member.target);
  return session.connection;
}
