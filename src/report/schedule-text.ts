import type { SchedulePlan, ScheduleRecord } from '../core/schedule.ts';
import { unifiedDiff } from './file-diff.ts';
import type { Ink } from './ink.ts';
import { momentText } from './moments.ts';
import { duration } from './phrases.ts';

/** What is written, removed and run on this machine. */
export function schedulePlanText({ before, files, after }: SchedulePlan, ink: Ink): string {
  const run = (command: readonly string[]) => `run     ${ink.line(command.join(' '))}`;
  const changes = files.flatMap((file) => [
    `${file.after === undefined ? 'remove' : 'write '}  ${ink.line(file.path)}`,
    ...(file.after === undefined ? [] : unifiedDiff(file, ink.masked).slice(2)).map(({ is, text }) => {
      const line = `        ${ink.line(text)}`;
      return is === 'added' ? ink.green(line) : is === 'removed' ? ink.red(line) : line;
    }),
  ]);
  return `${[...before.map(run), ...changes, ...after.map(run)].join('\n')}\n`;
}

interface ScheduleStatus extends ScheduleRecord {
  readonly next: string | undefined;
  readonly differs: SchedulePlan;
}

/** How often, by what, when next, and whether it still is as it was installed. */
export function scheduleStatusText(
  { on, every, args, installedAt, next, differs }: ScheduleStatus,
  ink: Ink,
): string {
  const isWell = differs.files.length + differs.after.length === 0;
  const lines = [
    `${isWell ? ink.green(ink.symbols.yes) : ink.red(ink.symbols.no)} run-playbook ${ink.line(args.join(' '))}`,
    `    every      ${duration(every * 1000)}, by ${on}`,
    `    installed  ${momentText(installedAt)} UTC`,
    ...(next === undefined ? [] : [`    next       ${momentText(next)} UTC`]),
    ...differs.files.map(
      ({ path, before }) => `    ${before === undefined ? 'missing' : 'differs'}    ${ink.line(path)}`,
    ),
    ...(differs.files.length === 0 && !isWell ? ['    not active'] : []),
  ];
  return `${lines.join('\n')}\n`;
}
