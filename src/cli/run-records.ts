import { mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRunRecord, type RunRecord } from '../core/audit.ts';
import { stateDir } from './state-dir.ts';

const MAX_DAYS = 400;
const MAX_BYTES = 50 * 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Adds a record to this user's own, for nobody else to read.
 *
 * One write in append mode, so that runs at the same time do not get into each other's lines. A file for each day:
 * what is too old, or too much, goes by whole files, and no writer can be in the middle of one.
 *
 * @throws Error it cannot be written
 */
export async function keepRecord(record: RunRecord, env: NodeJS.ProcessEnv): Promise<void> {
  const directory = folderOf(env);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const day = new Date().toISOString().slice(0, 10);
  const file = await open(join(directory, `${day}.jsonl`), 'a+', 0o600);
  try {
    // After a line that was cut off where the disk was full.
    const { size } = await file.stat();
    const last = size === 0 ? undefined : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer;
    const first = last === undefined || last.toString('latin1') === '\n' ? '' : '\n';
    const line = Buffer.from(`${first}${JSON.stringify(record)}\n`);
    const { bytesWritten } = await file.write(line);
    if (bytesWritten < line.length) {
      throw new Error(`only ${bytesWritten} of ${line.length} bytes could be written`);
    }
  } finally {
    await file.close();
  }
  await prune(directory, Date.now());
}

/** What was read of the records. */
export interface Records {
  /** Oldest first; at least of the last `runs` runs. */
  readonly records: readonly RunRecord[];
  /** Lines that this program cannot read. */
  readonly unread: number;
}

/** @param isWanted which records count for the number of runs */
export async function readRecords(
  runs: number,
  env: NodeJS.ProcessEnv,
  isWanted: (record: RunRecord) => boolean = () => true,
): Promise<Records> {
  const directory = folderOf(env);
  let records: readonly RunRecord[] = [];
  let unread = 0;
  for (const name of (await days(directory)).toReversed()) {
    const lines = (await readFile(join(directory, name), 'utf8')).split('\n').filter(Boolean);
    const parsed = lines.flatMap((line) => parseRunRecord(line) ?? []);
    unread += lines.length - parsed.length;
    records = [...parsed.filter(isWanted), ...records];
    if (new Set(records.map(({ run }) => run)).size >= runs) {
      break;
    }
  }
  return { records, unread };
}

/** Removes the files that are too old, and of the others the oldest while there is too much. */
async function prune(directory: string, nowMs: number): Promise<void> {
  let bytes = 0;
  const oldest = new Date(nowMs - MAX_DAYS * DAY_MS).toISOString().slice(0, 10);
  for (const [index, name] of (await days(directory)).toReversed().entries()) {
    const path = join(directory, name);
    bytes += (await stat(path).catch(() => undefined))?.size ?? 0;
    if (index > 0 && (bytes > MAX_BYTES || name < oldest)) {
      await unlink(path).catch(() => {});
    }
  }
}

async function days(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => /^\d{4}-\d\d-\d\d\.jsonl$/.test(name)).toSorted();
}

function folderOf(env: NodeJS.ProcessEnv): string {
  return join(stateDir(env), 'history');
}
