import type { RunRequest } from '../core/request.ts';
import type { Session } from './session.ts';
import type { ServiceCheckContext } from './verify.ts';

/** Everything the rollout of one run works with. */
export interface RolloutContext {
  /** Hosts that were read and planned. */
  readonly sessions: readonly Session[];
  readonly request: RunRequest;
  readonly context: ServiceCheckContext;
  readonly runId: string;
  /** Hosts whose turn has come; filled as it goes on. */
  readonly begun: Set<string>;
  /** Checks that held of every host before the first change; a rollback brings that back. */
  readonly heldBefore: ReadonlySet<string>;
}

export function sessionOf({ sessions }: RolloutContext, host: string): Session {
  const session = sessions.find((candidate) => candidate.host === host);
  if (session === undefined) {
    throw new Error(`no session for ${host}`);
  }
  return session;
}

/** Whether no further host is to be begun. */
export function hasEnded({ sessions, request }: Pick<RolloutContext, 'sessions' | 'request'>): boolean {
  return request.signal?.aborted === true || sessions.some((session) => session.trouble !== undefined);
}
