import { join } from 'node:path';
import type { DriftPast, DriftReport } from '../core/drift.ts';
import { heldDiffs } from '../core/drift-diffs.ts';
import {
  DRIFT_RECORD_VERSION,
  parseDriftRecord,
  type DriftRecord,
  type Scope,
} from '../core/drift-record.ts';
import { sinceOf, spansOf, type PastCheck } from '../core/drift-spans.ts';
import { append, readBack, type DayLog } from './day-log.ts';
import { isWithin } from './scope.ts';
import { stateDir } from './state-dir.ts';

/** Checks that a new one is seen beside, and how much is read for them: every check takes the time for that. */
const COMPARED = 1000;
const COMPARED_BYTES = 4 * 1024 * 1024;

/** Checks of earlier. */
export interface KeptChecks {
  /** Oldest first. */
  readonly checks: readonly PastCheck[];
  /** Lines that this program cannot read. */
  readonly unread: number;
}

/**
 * At least the last `number` checks of these hosts; all that are kept when left out.
 *
 * @param maxBytes of which no more than one file is read beyond
 * @throws Error they cannot be read
 */
export async function readChecks(
  scope: Scope,
  env: NodeJS.ProcessEnv,
  number = Number.POSITIVE_INFINITY,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<KeptChecks> {
  const { records, unread } = await readBack(logIn(env), {
    isWanted: isWithin(scope),
    isEnough: (found, bytes) => found.length >= number || bytes >= maxBytes,
  });
  return { checks: records.toSorted((a, b) => a.report.at.localeCompare(b.report.at)), unread };
}

/**
 * Keeps what a check found.
 *
 * @returns what earlier checks of the same playbook tell of it
 * @throws Error it cannot be written, or they cannot be read
 */
export async function keepCheck(
  report: DriftReport,
  scope: Scope,
  { masked, env }: { readonly masked: (text: string) => string; readonly env: NodeJS.ProcessEnv },
): Promise<DriftPast> {
  const [{ keptReport }, { checks }] = await Promise.all([
    import('../report/kept-report.ts'),
    readChecks(scope, env, COMPARED, COMPARED_BYTES),
  ]);
  const same = checks.filter((check) => check.report.playbook === report.playbook);
  const all = [...same.slice(1 - COMPARED), { report }];
  const spans = spansOf(all);
  await append(logIn(env), {
    v: DRIFT_RECORD_VERSION,
    ...scope,
    since: sinceOf(report, spans),
    ...keptReport(report, heldDiffs(same), masked),
  });
  return { spans, checks: all.map((check) => check.report) };
}

function logIn(env: NodeJS.ProcessEnv): DayLog<DriftRecord> {
  return {
    folder: join(stateDir(env), 'drift'),
    maxDays: 400,
    maxBytes: 50 * 1024 * 1024,
    parse: parseDriftRecord,
  };
}
