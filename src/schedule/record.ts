import { readFile } from 'node:fs/promises';
import { parseSchedule, type ScheduleRecord } from '../core/schedule.ts';
import type { ScheduledFile } from './schedule.ts';

/** The record in a file; undefined when there is none, or none that can be read. */
export async function readSchedule(file: string): Promise<ScheduleRecord | undefined> {
  return parseSchedule(await readFile(file, 'utf8').catch(() => ''));
}

export function recordFile(path: string, kept: ScheduleRecord): ScheduledFile {
  return { path, mode: '0600', content: `${JSON.stringify(kept, undefined, 2)}\n` };
}
