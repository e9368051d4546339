import type { HostStatus } from '../core/status.ts';
import { matches } from './ignore.ts';

/** When hosts are worked on, and nothing of them is reported. */
export interface MaintenanceWindow {
  /** ISO 8601. */
  readonly from: string;
  readonly until: string;
  /** A pattern with `*`; absent: every host. */
  readonly host?: string | undefined;
  readonly reason: string;
}

interface Circumstances {
  /** How the host stood at each reading. */
  readonly statuses: readonly (HostStatus | undefined)[];
  readonly maintenance: readonly MaintenanceWindow[];
  readonly now: Date;
}

/** Why nothing of a host is reported: a run is at work there, or it is in its maintenance window. */
export function suppressedBy(
  host: string,
  { statuses, maintenance, now }: Circumstances,
): string | undefined {
  const window = maintenance.find(
    ({ from, until, ...rule }) =>
      matches(rule.host, host) && Date.parse(from) <= now.getTime() && now.getTime() < Date.parse(until),
  );
  if (window !== undefined) {
    return `maintenance until ${window.until}: ${window.reason}`;
  }
  const holder = statuses.find((status) => status?.lock !== undefined)?.lock;
  return holder === undefined ? undefined : `locked by ${holder}`;
}
