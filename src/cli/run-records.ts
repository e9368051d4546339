import { join } from 'node:path';
import { parseRunRecord, type RunRecord } from '../core/audit.ts';
import { append, readBack, type DayLog, type LoggedRecords } from './day-log.ts';
import { stateDir } from './state-dir.ts';

/** Adds a record of a run. @throws Error it cannot be written */
export async function keepRecord(record: RunRecord, env: NodeJS.ProcessEnv): Promise<void> {
  await append(logIn(env), record);
}

/**
 * Records of at least the last `runs` runs, oldest first.
 *
 * @param isWanted which records count for the number of runs
 */
export async function readRecords(
  runs: number,
  env: NodeJS.ProcessEnv,
  isWanted: (record: RunRecord) => boolean = () => true,
): Promise<LoggedRecords<RunRecord>> {
  const isEnough = (records: readonly RunRecord[]) => new Set(records.map(({ run }) => run)).size >= runs;
  return readBack(logIn(env), { isWanted, isEnough });
}

function logIn(env: NodeJS.ProcessEnv): DayLog<RunRecord> {
  return {
    folder: join(stateDir(env), 'history'),
    maxDays: 400,
    maxBytes: 50 * 1024 * 1024,
    parse: parseRunRecord,
  };
}
