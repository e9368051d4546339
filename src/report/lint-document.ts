import type { ExitCode, Trouble } from '../core/error.ts';
import type { LintResult, PlaybookFinding } from '../core/lint-result.ts';

/** What `run-playbook lint --json` prints; `version` as in the document of a run. */
export interface LintDocument {
  readonly version: 1;
  readonly exit: ExitCode;
  /** Names of the playbooks looked at. */
  readonly playbooks: readonly string[];
  /** Hosts that were asked. */
  readonly surveyed: readonly string[];
  readonly findings: readonly PlaybookFinding[];
  /** Variables that are not valid at all, hosts that could not be asked. */
  readonly errors: readonly Trouble[];
  readonly ms: number;
}

export function lintDocument({
  exit,
  playbooks,
  surveyed,
  findings,
  troubles,
  ms,
}: LintResult): LintDocument {
  return { version: 1, exit, playbooks, surveyed, findings, errors: troubles, ms: Math.round(ms) };
}
