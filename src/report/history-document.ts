import { EXIT, type ExitCode, type Trouble } from '../core/error.ts';
import type { HistoryRun } from '../core/history.ts';
import type { HistoryResult } from './history-text.ts';

/** What `run-playbook history --json` prints; `version` as in the document of a run. */
export interface HistoryDocument {
  readonly version: 1;
  readonly exit: ExitCode;
  readonly host?: string;
  /** The last begun first. */
  readonly runs: readonly HistoryRun[];
  /** Lines that could not be read: cut off, or of a newer program. */
  readonly unread: number;
  readonly errors: readonly Trouble[];
}

export function historyDocument({ host, runs, unread, troubles }: HistoryResult): HistoryDocument {
  const exit = troubles.length > 0 ? EXIT.unreachable : EXIT.converged;
  return { version: 1, exit, ...(host !== undefined && { host }), runs, unread, errors: troubles };
}
