import { bySeverity, type BySeverity, type CheckStanding } from '../core/check-standing.ts';
import type { DriftHostStatus, DriftReport, Finding } from '../core/drift.ts';
import type { FindingHistory } from '../core/drift-lookup.ts';
import { EXIT, type ExitCode } from '../core/error.ts';
import type { DriftHistory } from './drift-history-text.ts';

/** What `drift history --json` prints; `version` as in the document of a check. */
export interface DriftHistoryDocument {
  readonly version: 1;
  readonly kind: 'drift-history';
  readonly exit: ExitCode;
  /** The last one first. */
  readonly checks: readonly DriftHistoryEntry[];
  readonly standing: CheckStanding;
  /** Lines that could not be read: cut off, or of a newer program. */
  readonly unread: number;
}

export interface DriftHistoryEntry extends Pick<DriftReport, 'id' | 'at' | 'playbook' | 'exit' | 'ms'> {
  readonly hosts: Readonly<Record<string, DriftHostStatus>>;
  readonly findings: BySeverity;
  readonly ignored: number;
}

export function driftHistoryDocument({ reports, standing, unread }: DriftHistory): DriftHistoryDocument {
  return {
    version: 1,
    kind: 'drift-history',
    exit: EXIT.converged,
    checks: reports.map(({ id, at, playbook, exit, ms, hosts, findings, ignored }) => ({
      id,
      at,
      playbook,
      exit,
      hosts: Object.fromEntries(hosts.map(({ host, status }) => [host, status])),
      findings: bySeverity(findings),
      ignored: ignored.length,
      ms,
    })),
    standing,
    unread,
  };
}

/** What `drift show ID --json` prints of a finding. */
export interface FindingDocument extends Omit<FindingHistory, 'finding'> {
  readonly version: 1;
  readonly kind: 'drift-finding';
  readonly exit: ExitCode;
  readonly finding: Omit<Finding, 'diff'>;
}

export function findingDocument({ finding, check, spans }: FindingHistory): FindingDocument {
  const { diff: _diff, ...rest } = finding;
  return { version: 1, kind: 'drift-finding', exit: EXIT.converged, finding: rest, check, spans };
}
