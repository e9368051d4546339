import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Notification, NotifyTarget } from '../core/notify.ts';
import { canonicalText } from '../core/saved-plan-digest.ts';
import { NOTHING_TOLD, type Told } from './message.ts';

/** The file goes by this number: one of another shape is not read. */
const VERSION = 1;
/** Of a process that was killed: longer than all tries together. */
const STALE_MS = 120_000;

/** What people were told, and what they have still to be told. */
export interface Outbox {
  readonly told: Told;
  /** By target: the day of its last digest. */
  readonly digests: Readonly<Record<string, string>>;
  /** By target: one message each, the latest. */
  readonly waiting: Readonly<Record<string, Waiting>>;
}

export interface Waiting {
  readonly message: Notification;
  /** ISO 8601: since when it could not be delivered. */
  readonly since: string;
}

const EMPTY: Outbox = { told: NOTHING_TOLD, digests: {}, waiting: {} };

/** What a target is remembered by; its address cannot be found out from it by who does not know it. */
export function keyOf(target: NotifyTarget): string {
  return createHash('sha256').update(canonicalText(target)).digest('hex').slice(0, 16);
}

/** What was kept; nothing when there is nothing, or when it cannot be read. */
export async function readOutbox(file: string): Promise<Outbox> {
  try {
    const { version, ...outbox } = JSON.parse(await readFile(file, 'utf8')) as Outbox & {
      readonly version?: unknown;
    };
    return version === VERSION ? outbox : EMPTY;
  } catch {
    return EMPTY;
  }
}

/** Keeps it for this user only; a crash leaves the one before. @throws Error it cannot be written */
export async function writeOutbox(file: string, outbox: Outbox): Promise<void> {
  const next = `${file}.${process.pid}`;
  await writeFile(next, `${JSON.stringify({ version: VERSION, ...outbox })}\n`, { mode: 0o600 });
  await rename(next, file);
}

/**
 * Works on an outbox while no other process does.
 *
 * @returns undefined when another one is at it: it tells what is to be told
 * @throws Error the folder cannot be written
 */
export async function alone<T>(file: string, work: () => Promise<T>): Promise<T | undefined> {
  const lock = `${file}.lock`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  if (!(await take(lock))) {
    return undefined;
  }
  try {
    return await work();
  } finally {
    await unlink(lock).catch(() => {});
  }
}

async function take(lock: string): Promise<boolean> {
  for (const isLast of [false, true]) {
    try {
      const file = await open(lock, 'wx', 0o600);
      await file.close();
      return true;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
        throw error;
      }
      if (isLast || !(await isStale(lock))) {
        return false;
      }
      await unlink(lock).catch(() => {});
    }
  }
  return false;
}

async function isStale(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'r');
    try {
      return Date.now() - (await file.stat()).mtimeMs > STALE_MS;
    } finally {
      await file.close();
    }
  } catch {
    return true;
  }
}
