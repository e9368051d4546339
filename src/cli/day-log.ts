import { mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Parts that a log's size is made of: so much of it, at most, goes at once. */
const PARTS = 10;

/**
 * Records of one kind in a folder of their own, a line of JSON each.
 *
 * Files go by the day, and by number where a day has much: `2026-01-31.jsonl`, `2026-01-31.0002.jsonl`. What is too
 * old, or too much, goes by whole files, the oldest first.
 */
export interface DayLog<T> {
  readonly folder: string;
  readonly maxDays: number;
  /** Of all files together, whatever the size of the last record. */
  readonly maxBytes: number;
  /** A record; undefined when the line is cut off, or of a newer program. */
  readonly parse: (line: string) => T | undefined;
}

/** What was read of a log. */
export interface LoggedRecords<T> {
  /** In the order in which they were written. */
  readonly records: readonly T[];
  /** Lines that this program cannot read. */
  readonly unread: number;
}

export interface Reading<T> {
  readonly isWanted: (record: T) => boolean;
  /** Whether nothing older than these is needed; asked after each file, with how much has been read. */
  readonly isEnough: (records: readonly T[], bytes: number) => boolean;
}

/**
 * Adds a record, for nobody but this user to read.
 *
 * One write in append mode, so that processes do not get into each other's lines. It begins with a line break of its
 * own: what a process that was killed, or a disk that was full, has left of a line before it takes nothing along.
 *
 * @throws Error it cannot be written as a whole
 */
export async function append<T>(log: DayLog<T>, record: T): Promise<void> {
  await mkdir(log.folder, { recursive: true, mode: 0o700 });
  const file = await open(join(log.folder, await fileFor(log)), 'a', 0o600);
  try {
    const line = Buffer.from(`\n${JSON.stringify(record)}\n`);
    const { bytesWritten } = await file.write(line);
    if (bytesWritten < line.length) {
      throw new Error(`only ${bytesWritten} of ${line.length} bytes could be written`);
    }
  } finally {
    await file.close();
  }
  await prune(log);
}

/** The wanted records, read from the end as far as it takes. */
export async function readBack<T>(
  log: DayLog<T>,
  { isWanted, isEnough }: Reading<T>,
): Promise<LoggedRecords<T>> {
  let records: readonly T[] = [];
  let unread = 0;
  let bytes = 0;
  for (const name of (await filesOf(log)).toReversed()) {
    const text = await readFile(join(log.folder, name), 'utf8').catch(whereAbsent(''));
    const lines = text.split('\n').filter(Boolean);
    const parsed = lines.flatMap((line) => log.parse(line) ?? []);
    unread += lines.length - parsed.length;
    bytes += text.length;
    records = [...parsed.filter(isWanted), ...records];
    if (isEnough(records, bytes)) {
      break;
    }
  }
  return { records, unread };
}

/** Today's last file, or the next one when that has its part. */
async function fileFor(log: DayLog<unknown>): Promise<string> {
  const today = dayOf(Date.now());
  const last = (await filesOf(log)).findLast((name) => name.startsWith(today));
  if (last === undefined) {
    return `${today}.jsonl`;
  }
  if ((await sizeOf(join(log.folder, last))) < log.maxBytes / PARTS) {
    return last;
  }
  const number = Number(last.split('.').at(-2)) || 1;
  return `${today}.${String(number + 1).padStart(4, '0')}.jsonl`;
}

async function prune(log: DayLog<unknown>): Promise<void> {
  const oldest = dayOf(Date.now() - log.maxDays * DAY_MS);
  const names = (await filesOf(log)).toReversed();
  const sizes = await Promise.all(names.map((name) => sizeOf(join(log.folder, name))));
  let bytes = 0;
  for (const [index, name] of names.entries()) {
    bytes += sizes[index] ?? 0;
    if (index > 0 && (bytes > log.maxBytes || name < oldest)) {
      await unlink(join(log.folder, name)).catch(() => {});
    }
  }
}

/** Oldest first; nothing but what this program has made. */
async function filesOf({ folder }: DayLog<unknown>): Promise<readonly string[]> {
  const names = await readdir(folder).catch(whereAbsent<readonly string[]>([]));
  return names
    .filter((name) => /^\d{4}-\d\d-\d\d(\.\d{4,})?\.jsonl$/.test(name))
    .map((name) => name.replace(/\.jsonl$/, ''))
    .toSorted()
    .map((stem) => `${stem}.jsonl`);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(whereAbsent(undefined)))?.size ?? 0;
}

/** What stands for a folder that nobody has written to, or a file that another process has just pruned. */
function whereAbsent<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') {
      return value;
    }
    throw error;
  };
}

function dayOf(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}
