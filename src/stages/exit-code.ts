import { EXIT, worstExit, type ExitCode, type Trouble } from '../core/error.ts';
import type { RunRequest } from '../core/request.ts';
import type { CheckResult } from '../core/result.ts';
import type { WatchResult } from '../core/watch.ts';
import type { Session } from './session.ts';

/** What became of the service while hosts changed, and after. */
export interface Service {
  readonly checks: readonly CheckResult[];
  readonly watch?: WatchResult;
  /** What fails the run without being a host's. */
  readonly troubles: readonly Trouble[];
}

/** How the process ends because of all hosts and the service. */
export function exitCode(
  sessions: readonly Session[],
  { checks, troubles }: Service,
  request: RunRequest,
): ExitCode {
  if (request.signal?.aborted === true) {
    return EXIT.interrupted;
  }
  const worst = worstExit(sessions.flatMap((session) => session.exit ?? []));
  if (worst !== undefined) {
    return worst;
  }
  if (troubles.length > 0) {
    return EXIT.failed;
  }
  if (sessions.some((session) => session.status === 'pending')) {
    return EXIT.changesPending;
  }
  return checks.every(({ judgement }) => judgement.ok) ? EXIT.converged : EXIT.degraded;
}
