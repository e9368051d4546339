import { readFile, stat } from 'node:fs/promises';
import type { FileChange, SchedulePlan } from '../core/schedule.ts';
import type { Schedule, ScheduledFile } from './schedule.ts';

/** Whether everything is so already. */
export function isNothing({ before, files, after }: SchedulePlan): boolean {
  return before.length + files.length + after.length === 0;
}

/** What makes the schedule so; nothing where it is so already and its timer runs. */
export async function planInstall(schedule: Schedule, isActive: boolean): Promise<SchedulePlan> {
  const files = (await Promise.all(schedule.files.map(writing))).flat();
  return { before: [], files, after: files.length > 0 || !isActive ? schedule.start : [] };
}

/** What removes everything of the schedule that is there. */
export async function planRemove(schedule: Schedule, isActive: boolean): Promise<SchedulePlan> {
  const files = (await Promise.all(schedule.files.map(removal))).flat();
  return { before: isActive ? schedule.stop : [], files, after: files.length > 0 ? schedule.clear : [] };
}

async function writing({ path, content, mode }: ScheduledFile): Promise<readonly FileChange[]> {
  const before = await textOf(path);
  return before === content && (await modeOf(path)) === mode ? [] : [{ path, before, after: content, mode }];
}

async function removal({ path, mode }: ScheduledFile): Promise<readonly FileChange[]> {
  const before = await textOf(path);
  return before === undefined ? [] : [{ path, before, after: undefined, mode }];
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o7777).toString(8).padStart(4, '0');
}
