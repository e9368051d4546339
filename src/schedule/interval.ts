import { InvalidInput } from '../core/error.ts';

/** Intervals that begin anew at each full hour or day: then a check that was missed can be told from one that is not due. */
const MINUTES: readonly number[] = [5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440];

/** How often a check is made. */
export interface Interval {
  readonly minutes: number;
}

/** @throws InvalidInput `text` is no interval that timers of all kinds can keep */
export function parseInterval(text: string): Interval {
  const [, number = '', unit = ''] = /^(\d+)(m|min|h|d)$/.exec(text) ?? [];
  const minutes = Number(number) * (unit === 'h' ? 60 : unit === 'd' ? 1440 : 1);
  if (!MINUTES.includes(minutes)) {
    const hint = `one of ${MINUTES.map((each) => intervalText({ minutes: each })).join(', ')}`;
    throw new InvalidInput([{ what: `--every ${text}: no such interval`, hint }]);
  }
  return { minutes };
}

/** `15m`, `2h`, `1d` */
export function intervalText({ minutes }: Interval): string {
  return minutes % 1440 === 0
    ? `${minutes / 1440}d`
    : minutes % 60 === 0
      ? `${minutes / 60}h`
      : `${minutes}m`;
}

/** As systemd.time(7) has it. */
export function calendarOf({ minutes }: Interval): string {
  return minutes < 60 ? `*:0/${minutes}` : minutes < 1440 ? `0/${minutes / 60}:00` : '*-*-* 00:00';
}

/** As crontab(5) has it. */
export function cronOf({ minutes }: Interval): string {
  return minutes < 60 ? `*/${minutes} * * * *` : minutes < 1440 ? `0 */${minutes / 60} * * *` : '0 0 * * *';
}
