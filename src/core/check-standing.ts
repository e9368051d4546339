import { SEVERITIES, type DriftReport, type Finding, type Severity } from './drift.ts';

/** How often a check of these hosts is to be made. */
export interface CheckSchedule {
  readonly everyMs: number;
  /** ISO 8601, UTC: when it began. */
  readonly since: string;
}

/** Whether drift checks are made, and how the last one ended. */
export interface CheckStanding {
  /** Absent where none is known. */
  readonly last?: LastCheck;
  /** Why nobody knows. */
  readonly unread?: string;
  /** Absent where none is scheduled. */
  readonly everyMs?: number;
  /** Whether one should have been made by now. */
  readonly isOverdue: boolean;
}

export interface LastCheck extends Pick<DriftReport, 'id' | 'at' | 'playbook' | 'exit'> {
  readonly ageMs: number;
  readonly findings: BySeverity;
}

/** How many findings there are of each weight. */
export type BySeverity = Readonly<Record<Severity, number>>;

/** Intervals after which a check is missed: they do not begin on time to the second, and take their time. */
const MISSED_AFTER = 2;

/** How it stands with the checks of some hosts. */
export function checkStanding(
  last: DriftReport | undefined,
  schedule: CheckSchedule | undefined,
  now: Date,
): CheckStanding {
  const ageOf = (iso: string) => now.getTime() - Date.parse(iso);
  const waitedMs = Math.min(...[last?.at, schedule?.since].flatMap((iso) => iso ?? []).map(ageOf));
  return {
    ...(last !== undefined && { last: lastCheck(last, ageOf(last.at)) }),
    ...(schedule !== undefined && { everyMs: schedule.everyMs }),
    isOverdue: schedule !== undefined && waitedMs > MISSED_AFTER * schedule.everyMs,
  };
}

function lastCheck({ id, at, playbook, exit, findings }: DriftReport, ageMs: number): LastCheck {
  return { id, at, playbook, exit, ageMs, findings: bySeverity(findings) };
}

/** How many findings there are of each weight, heaviest first. */
export function bySeverity(findings: readonly Pick<Finding, 'severity'>[]): BySeverity {
  const amounts = SEVERITIES.map((wanted) => [
    wanted,
    findings.filter(({ severity }) => severity === wanted).length,
  ]);
  return Object.fromEntries(amounts) as BySeverity;
}
