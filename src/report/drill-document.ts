import {
  rowBefore,
  type DrillResult,
  type DrillRole,
  type DrillRow,
  type SkippedFault,
} from '../core/drill.ts';
import type { ExitCode, Trouble } from '../core/error.ts';
import type { FaultLimits } from '../core/fault.ts';

/**
 * What `drill --json` prints: one document on stdout, whatever happened.
 *
 * `version` goes up when a field is removed or means something else; new fields may come at any time.
 */
export interface DrillDocument {
  readonly version: 1;
  readonly kind: 'drill';
  readonly playbook: string;
  /** The process's exit code. */
  readonly exit: ExitCode;
  readonly hosts: readonly string[];
  readonly targets: readonly { readonly address: string; readonly port: number; readonly path: string }[];
  /** Requests per second to each target. */
  readonly perSecond: number;
  /** How often each fault happened on each host; figures of rows are medians. */
  readonly repeat: number;
  readonly rows: readonly RowDocument[];
  readonly skipped: readonly SkippedFault[];
  readonly errors: readonly Trouble[];
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly ms: number;
}

export interface RowDocument {
  readonly fault: string;
  readonly host: string;
  readonly role: DrillRole;
  readonly lost: number;
  readonly lostByTarget: readonly number[];
  readonly outageMs: number;
  readonly limits: FaultLimits;
  readonly vip: string;
  /** Absent when it was not. */
  readonly wholeMs?: number;
  readonly verdict: DrillRow['verdict'];
  readonly trials: readonly {
    readonly lost: readonly number[];
    readonly sent: readonly number[];
    readonly outageMs: readonly number[];
    readonly slow: readonly number[];
    readonly reasons: readonly Readonly<Record<string, number>>[];
    readonly vip: string;
    readonly wholeMs?: number;
    readonly latestMs: number;
  }[];
  /** What the drill before saw. */
  readonly before?: { readonly lost: number; readonly outageMs: number; readonly at: string };
}

/** Why a drill broke nothing. */
export interface DrillFailure {
  readonly playbook: string;
  readonly exit: ExitCode;
  readonly errors: readonly Trouble[];
  readonly ms: number;
}

export function drillDocument(result: DrillResult): DrillDocument {
  return {
    version: 1,
    kind: 'drill',
    playbook: result.playbook,
    exit: result.exit,
    hosts: result.hosts,
    targets: result.targets.map(({ address, port, path }) => ({ address, port, path })),
    perSecond: result.perSecond,
    repeat: result.repeat,
    rows: result.rows.map((row) => rowDocument(row, result)),
    skipped: result.skipped,
    errors: result.troubles,
    startedAt: new Date(result.startedAt).toISOString(),
    ms: Math.round(result.ms),
  };
}

/** The document of a drill that ended before anything was broken. */
export function failedDrillDocument(failure: DrillFailure): DrillDocument {
  const nothing = { hosts: [], targets: [], perSecond: 0, repeat: 0, rows: [], skipped: [] };
  const startedAt = new Date(Date.now() - failure.ms).toISOString();
  return { version: 1, kind: 'drill', ...nothing, ...failure, startedAt, ms: Math.round(failure.ms) };
}

function rowDocument(row: DrillRow, { before }: DrillResult): RowDocument {
  const { fault, host, role, lost, lostByTarget, limits, vip, verdict } = row;
  const earlier = rowBefore(row, before);
  return {
    fault,
    host,
    role,
    lost,
    lostByTarget,
    outageMs: Math.round(row.outageMs),
    limits,
    vip,
    ...(row.wholeMs !== undefined && { wholeMs: Math.round(row.wholeMs) }),
    verdict,
    trials: row.trials.map((trial) => ({
      lost: trial.targets.map((target) => target.lost),
      sent: trial.targets.map((target) => target.sent),
      outageMs: trial.targets.map((target) => Math.round(target.outageMs)),
      slow: trial.targets.map((target) => target.slow),
      reasons: trial.targets.map((target) => target.reasons),
      vip: trial.vip,
      ...(trial.wholeMs !== undefined && { wholeMs: Math.round(trial.wholeMs) }),
      latestMs: Math.round(trial.latestMs),
    })),
    ...(earlier !== undefined && {
      before: {
        lost: earlier.lost,
        outageMs: Math.round(earlier.outageMs),
        at: new Date(earlier.at).toISOString(),
      },
    }),
  };
}
