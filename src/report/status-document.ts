import type { CheckStanding } from '../core/check-standing.ts';
import type { ExitCode, Trouble } from '../core/error.ts';
import type { ClusterStatus, HostStatus, StatusProblem } from '../core/status.ts';

/** What `run-playbook status --json` prints; `version` as in the document of a run. */
export interface StatusDocument {
  readonly version: 1;
  readonly exit: ExitCode;
  /** By host name; hosts that could not be asked are missing. */
  readonly hosts: Readonly<Record<string, Omit<HostStatus, 'host'>>>;
  /** Who carries each virtual IP, by address. */
  readonly vips: Readonly<Record<string, readonly string[]>>;
  readonly problems: readonly StatusProblem[];
  /** The last drift check that was made from here, and whether one is missing. */
  readonly driftChecks: CheckStanding;
  /** Hosts that could not be asked, with why. */
  readonly errors: readonly Trouble[];
  readonly ms: number;
}

export function statusDocument(
  status: ClusterStatus,
  driftChecks: CheckStanding,
  ms: number,
): StatusDocument {
  return {
    version: 1,
    exit: status.exit,
    hosts: Object.fromEntries(status.hosts.map(({ host, ...rest }) => [host, rest])),
    vips: Object.fromEntries(status.vips.map(({ vip, holders }) => [vip, holders])),
    problems: status.problems,
    driftChecks,
    errors: status.unreachable,
    ms: Math.round(ms),
  };
}
