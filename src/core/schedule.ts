import * as v from 'valibot';

export const SCHEDULERS = ['systemd', 'cron', 'github'] as const;

export type Scheduler = (typeof SCHEDULERS)[number];

const record = v.object({
  version: v.literal(1),
  on: v.picklist(SCHEDULERS),
  /** Seconds. */
  every: v.number(),
  /** Absent: the one that was applied last. */
  playbook: v.optional(v.string()),
  /** After the program. */
  args: v.array(v.string()),
  /** ISO 8601, UTC. */
  installedAt: v.string(),
});

/** What is remembered of a schedule: a check that does not come any more can be told from one that is not due. */
export type ScheduleRecord = v.InferOutput<typeof record>;

/** The record in a text; undefined when it is none. */
export function parseSchedule(text: string): ScheduleRecord | undefined {
  try {
    const parsed = v.safeParse(record, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** One file of this machine that is to be written or removed. */
export interface FileChange {
  readonly path: string;
  /** Undefined where there is none. */
  readonly before: string | undefined;
  /** Undefined when it is to be removed. */
  readonly after: string | undefined;
  /** Octal, four digits. */
  readonly mode: string;
}

/** What is to be done on this machine, in this order; nothing when all are empty. */
export interface SchedulePlan {
  readonly before: readonly (readonly string[])[];
  readonly files: readonly FileChange[];
  readonly after: readonly (readonly string[])[];
}
