import type { ExitCode, Trouble } from '../core/error.ts';
import { pendingSteps, type PlanStep } from '../core/plan.ts';
import type { LintFinding } from '../core/lint.ts';
import type { CheckResult, HostResult, HostStatus, RunResult, Traffic } from '../core/result.ts';
import type { FileDiff } from '../core/resource.ts';
import type { Rollback } from '../core/undo.ts';
import { allTroubles } from './summary-text.ts';
import { visibleJson } from './visible.ts';
import { watchDocument, type WatchDocument } from './watch-document.ts';

/**
 * What `--json` prints: one document on stdout, whatever happened.
 *
 * `version` goes up when a field is removed or means something else; new fields may come at any time.
 * A run of `--check` predicts in `changes[].id` exactly what a run reports in `applied[].id`.
 */
export interface RunDocument {
  readonly version: 1;
  readonly playbook: string;
  /** Whether nothing could have been changed. */
  readonly check: boolean;
  /** The process's exit code. */
  readonly exit: ExitCode;
  /** By host name, in the order of the inventory. */
  readonly hosts: Readonly<Record<string, HostDocument>>;
  /** Rules of level `warn` that are broken; without changes to make, only those that the variables show. */
  readonly warnings: readonly LintFinding[];
  readonly checks: readonly CheckDocument[];
  /** Only when clients' requests were sent and counted, which they are not when nothing is changed. */
  readonly watch?: WatchDocument;
  /** Everything that went wrong, the hosts' own troubles included. */
  readonly errors: readonly Trouble[];
  readonly ms: number;
}

export interface HostDocument {
  readonly status: HostStatus;
  /** What the plan was, in order; empty when the host was as declared or could not be read. */
  readonly changes: readonly ChangeDocument[];
  /** What was done, in order. */
  readonly applied: readonly { readonly id: string; readonly ms: number }[];
  /** Ids that were planned and, at their turn, found to be as declared. */
  readonly unneeded: readonly string[];
  readonly traffic: Traffic;
  readonly ms: number;
  readonly error?: Trouble;
  /** What was taken back because the run failed or was stopped: ids, and what stays or is left, with why. */
  readonly rollback?: Rollback;
  /** Where it is kept how the host stood when it failed. */
  readonly evidence?: string;
}

export interface ChangeDocument {
  readonly id: string;
  readonly summary: string;
  readonly details: readonly string[];
  readonly destroys: readonly string[];
  /** Why it cannot be taken back. */
  readonly cannotUndo?: string;
  /** Why it is not known yet whether anything has to change; `summary` says the same. */
  readonly unknown?: string;
  /** Only with `--diff`. */
  readonly diff?: readonly { readonly path: string; readonly unified: string }[];
}

export interface CheckDocument {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly values: Readonly<Record<string, string | number>>;
  readonly hint?: string;
}

/** One file's unified diff as text, without secrets. */
export type Unified = (file: FileDiff) => string;

/** The document of a run; its texts may still hold secrets, which `printedDocument` masks. */
export function runDocument(result: RunResult, unified: Unified | undefined): RunDocument {
  const watch = result.watch && watchDocument(result.watch);
  return {
    version: 1,
    playbook: result.playbook,
    check: result.check,
    exit: result.exit,
    hosts: Object.fromEntries(result.hosts.map((host) => [host.host, hostDocument(host, unified)])),
    warnings: result.warnings,
    checks: result.checks.map(checkDocument),
    ...(watch !== undefined && { watch }),
    errors: allTroubles(result),
    ms: Math.round(result.ms),
  };
}

/** The document of a run that ended before any host was asked. */
export function failureDocument(failure: {
  readonly playbook: string;
  readonly check: boolean;
  readonly exit: ExitCode;
  readonly errors: readonly Trouble[];
  readonly ms: number;
}): RunDocument {
  return { version: 1, hosts: {}, warnings: [], checks: [], ...failure, ms: Math.round(failure.ms) };
}

/**
 * The document as text, secrets masked, ending with a newline.
 *
 * Characters that a terminal obeys are escaped, those too that JSON itself would let pass.
 */
export function printedDocument(document: object, masked: (text: string) => string): string {
  const text = JSON.stringify(
    document,
    (_, value: unknown) => (typeof value === 'string' ? masked(value) : value),
    2,
  );
  return `${visibleJson(text)}\n`;
}

function hostDocument(host: HostResult, unified: Unified | undefined): HostDocument {
  return {
    status: host.status,
    changes: (host.plan === undefined ? [] : pendingSteps(host.plan)).map((step) =>
      changeDocument(step, unified),
    ),
    applied: host.applied.map(({ id, ms }) => ({ id, ms: Math.round(ms) })),
    unneeded: host.unneeded,
    traffic: host.traffic,
    ms: Math.round(host.ms),
    ...(host.trouble !== undefined && { error: host.trouble }),
    ...(host.rollback !== undefined && { rollback: host.rollback }),
    ...(host.evidence !== undefined && { evidence: host.evidence }),
  };
}

function changeDocument(step: Exclude<PlanStep, { is: 'ok' }>, unified: Unified | undefined): ChangeDocument {
  const { id } = step.resource;
  if (step.is === 'unknown') {
    return { id, summary: `not known yet: ${step.reason}`, details: [], destroys: [], unknown: step.reason };
  }
  const { summary, details = [], destroys = [], cannotUndo, diff = [] } = step.change;
  return {
    id,
    summary,
    details,
    destroys,
    ...(cannotUndo !== undefined && { cannotUndo }),
    ...(unified !== undefined && { diff: diff.map((file) => ({ path: file.path, unified: unified(file) })) }),
  };
}

function checkDocument({ check, judgement }: CheckResult): CheckDocument {
  const { ok, detail, values = {}, hint } = judgement;
  return { check, ok, detail, values, ...(hint !== undefined && { hint }) };
}
