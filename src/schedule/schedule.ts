import type { Scheduler } from '../core/schedule.ts';
import type { Interval } from './interval.ts';
import { cronFiles } from './cron.ts';
import { githubFiles } from './github.ts';
import { systemdFiles } from './systemd.ts';

/** A check that is to be made again and again. */
export interface Job {
  /** Part of file names: letters, digits, `-`. */
  readonly name: string;
  /** What people call it: the project's folder. */
  readonly project: string;
  readonly projectDir: string;
  /** node and the program, absolute. */
  readonly program: readonly string[];
  /** After the program: `drift phase1 --notify`. */
  readonly args: readonly string[];
  readonly every: Interval;
  /** Whose keys and known hosts it uses; absent: root's. */
  readonly user?: string | undefined;
  /** What of this program's environment it needs; no secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Directories it has to write to. */
  readonly writes: readonly string[];
  /** Mail goes through a program that changes its group, which much of the hardening would forbid. */
  readonly mails: boolean;
}

export interface ScheduledFile {
  readonly path: string;
  readonly content: string;
  /** Octal, four digits. */
  readonly mode: string;
}

/** What a scheduler needs. */
export interface Schedule {
  readonly files: readonly ScheduledFile[];
  /** Commands after the files are there; each a program and its arguments. */
  readonly start: readonly (readonly string[])[];
  /** Before they are removed. */
  readonly stop: readonly (readonly string[])[];
  /** After they are removed. */
  readonly clear: readonly (readonly string[])[];
}

export function scheduleOf(on: Scheduler, job: Job): Schedule {
  switch (on) {
    case 'systemd':
      return systemdFiles(job);
    case 'cron':
      return cronFiles(job);
    case 'github':
      return githubFiles(job);
  }
}
