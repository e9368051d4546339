import { EXIT, type ExitCode, type Trouble } from './error.ts';
import type { FileDiff } from './resource.ts';
import type { ClusterStatus } from './status.ts';

/** Goes up when a field of a report is removed or means something else; new fields may come at any time. */
export const DRIFT_VERSION = 1;

/** What kind of thing a finding is about; metrics, ignore rules and reports go by it. */
export const DRIFT_CLASSES = [
  'package',
  'file',
  'directory',
  'user',
  'unit',
  'service',
  'configuration',
  'sysctl',
  'task',
  'listener',
  'certificate',
  'backend',
  'vip',
  'network',
  'redundancy',
  'run',
] as const;

export type DriftClass = (typeof DRIFT_CLASSES)[number];

/**
 * How much a finding weighs: `degraded` the service stands worse than it should, `drift` a host is not as it was left,
 * `pending` the project has changed since and the host has not, `notice` for people only.
 */
export type Severity = 'degraded' | 'drift' | 'pending' | 'notice';

/** Heaviest first. */
export const SEVERITIES: readonly Severity[] = ['degraded', 'drift', 'pending', 'notice'];

/** What a role sees that no plan shows, such as a server that was drained by hand. */
export interface Observation {
  /** Absent when it is about the cluster as a whole. */
  readonly host?: string | undefined;
  /** What it is about, the same in every check: `server web/svr1`, `0.0.0.0:8080/tcp`. */
  readonly item: string;
  readonly class: DriftClass;
  readonly severity: 'degraded' | 'drift' | 'notice';
  readonly expected: string;
  readonly found: string;
  readonly hint?: string | undefined;
  /**
   * What is expected follows from the variables, not from how the host was left: while the role's own change of the
   * host is pending, so is this.
   */
  readonly ofVariables?: boolean;
  /** Hosts that it may be because of: it is not reported while one of them is worked on. */
  readonly because?: readonly string[];
  /** How long it may be so by itself, as in a failover; it is looked at again after that, and never before 2 s. */
  readonly settlesMs?: number | undefined;
}

/** One thing that is not as it should be. Every text is free of secrets. */
export interface Finding extends Omit<Observation, 'severity' | 'ofVariables' | 'because' | 'settlesMs'> {
  /** The same as long as host, class and item are: twelve hexadecimal digits. */
  readonly id: string;
  readonly severity: Severity;
  readonly role?: string | undefined;
  /** Id of the resource whose change would repair it; absent when no apply does. */
  readonly resource?: string | undefined;
  readonly diff?: FileDiff | undefined;
  /** Who and when, as far as the host knows; with `--explain`. */
  readonly evidence?: readonly Clue[];
}

/** Something that a host knows of who changed a thing, and when. */
export interface Clue {
  /** `mtime`, `dpkg log`, `sudo`, `ssh session`, `audit log`, … */
  readonly source: string;
  /** ISO 8601, UTC; absent where the source has no time. */
  readonly at?: string | undefined;
  readonly who?: string | undefined;
  readonly text: string;
  readonly confidence: 'certain' | 'likely' | 'guess';
}

export type DriftHostStatus =
  | 'in-sync'
  | 'drifted'
  | 'pending'
  | 'degraded'
  | 'unreachable'
  | 'failed'
  | 'suppressed';

export interface DriftHost {
  readonly host: string;
  readonly status: DriftHostStatus;
  /** Why nothing of it is reported: who works on it, or its maintenance window. */
  readonly suppressed?: string | undefined;
  readonly trouble?: Trouble | undefined;
}

/** A rule of the inventory's that a finding need not be reported. */
export interface IgnoreRule {
  /** Patterns with `*`; absent: any. */
  readonly host?: string | undefined;
  readonly class?: DriftClass | undefined;
  readonly item?: string | undefined;
  readonly reason: string;
  /** Last day, `2026-12-31`; absent: for good. */
  readonly until?: string | undefined;
}

/** Everything one drift check has to say. */
export interface DriftReport {
  readonly version: typeof DRIFT_VERSION;
  /** Of this check: twelve hexadecimal digits. */
  readonly id: string;
  /** ISO 8601, UTC: when it began. */
  readonly at: string;
  readonly playbook: string;
  readonly exit: ExitCode;
  readonly hosts: readonly DriftHost[];
  /** Heaviest first, then by host and item. */
  readonly findings: readonly Finding[];
  readonly ignored: readonly { readonly finding: Finding; readonly rule: IgnoreRule }[];
  /** Rules whose last day is over. */
  readonly expired: readonly IgnoreRule[];
  /** How the hosts stand: services, VRRP, virtual IPs, last runs. */
  readonly cluster: ClusterStatus;
  /** Hosts that could not be asked, and what kept the check from being whole. */
  readonly troubles: readonly Trouble[];
  readonly ms: number;
}

/** How long a finding was there without a gap, as far as checks have seen it. */
export interface FindingSpan {
  /** The finding's. */
  readonly id: string;
  /** ISO 8601, UTC: the check that saw it first. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** From the first to the last; 0 when a single check saw it. */
  readonly openForMs: number;
  /** Whether no check has found it gone since. */
  readonly isOpen: boolean;
}

/** What is known of earlier checks of the same hosts. */
export interface DriftPast {
  /** When each finding was there, those that are gone included. */
  readonly spans: readonly FindingSpan[];
  /** The last checks, oldest first, the one that is reported included. */
  readonly checks: readonly DriftReport[];
}

/** The report of a check that could not be made. */
export function unmadeReport(
  about: Pick<DriftReport, 'id' | 'at' | 'playbook' | 'exit' | 'troubles'>,
): DriftReport {
  const cluster = { exit: about.exit, hosts: [], vips: [], problems: [], unreachable: [] };
  return {
    version: DRIFT_VERSION,
    ...about,
    hosts: [],
    findings: [],
    ignored: [],
    expired: [],
    cluster,
    ms: 0,
  };
}

/** The hosts say that another playbook was applied to them meanwhile, or by somebody else. */
export class OtherPlaybook extends Error {
  override readonly name = 'OtherPlaybook';
  readonly playbook: string;

  constructor(playbook: string) {
    super(`the hosts were left by ${playbook}`);
    this.playbook = playbook;
  }
}

/** How a check ends: degraded before unreachable before drifted; what is only pending is in sync. */
export function driftExit(findings: readonly Finding[], hosts: readonly DriftHost[]): ExitCode {
  const has = (severity: Severity) => findings.some((finding) => finding.severity === severity);
  if (has('degraded')) {
    return EXIT.degraded;
  }
  if (hosts.some(({ status }) => status === 'unreachable' || status === 'failed')) {
    return EXIT.unreachable;
  }
  return has('drift') ? EXIT.changesPending : EXIT.converged;
}

/** What stands first in every list of findings. */
export function byWeight(one: Finding, other: Finding): number {
  return (
    SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) ||
    (one.host ?? '').localeCompare(other.host ?? '') ||
    one.class.localeCompare(other.class) ||
    one.item.localeCompare(other.item)
  );
}
