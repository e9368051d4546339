import { mapLimited } from '../core/concurrency.ts';
import { InvalidInput } from '../core/error.ts';
import type { Listener } from '../core/event.ts';
import { byLevel, refusalOf, type LintFinding } from '../core/lint.ts';
import type { Seen } from '../core/query.ts';
import type { RunRequest } from '../core/request.ts';
import type { Session } from './session.ts';
import { judgeSurvey, planSurvey, surveyHost, surveyQueries } from './survey.ts';

export interface LintContext {
  readonly request: RunRequest;
  readonly listener: Listener;
  /** Told of a host that no longer answers; the others are judged without it. */
  readonly onLost: (session: Session, error: unknown) => void;
}

/**
 * The rules of level `warn` that variables and hosts break; hosts are asked only when one of them has to change.
 *
 * @throws InvalidInput the hosts break a rule of level `refuse`
 */
export async function lintHosts(
  sessions: readonly Session[],
  { request, listener, onLost }: LintContext,
): Promise<readonly LintFinding[]> {
  if (!sessions.some(({ status }) => status === 'pending')) {
    return request.warnings;
  }
  const plan = planSurvey(request.playbook, request.cluster);
  const seen = new Map<string, Seen>();
  await mapLimited(sessions, request.forks, async (session) => {
    const { host, connection } = session;
    if (connection === undefined || session.seen === undefined || surveyQueries([plan], host).length === 0) {
      return;
    }
    listener({ type: 'host-surveying', host });
    try {
      const answers = await session.timed(() => surveyHost([plan], connection));
      if (answers !== undefined) {
        seen.set(host, answers);
      }
    } catch (error) {
      onLost(session, error);
    }
  });
  const { refuse, warn } = byLevel(judgeSurvey(plan, seen, request.placeOf));
  if (refuse.length > 0) {
    throw new InvalidInput(refuse.map(refusalOf));
  }
  return [...request.warnings, ...warn];
}
