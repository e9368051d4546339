import type { ExitCode, Trouble } from './error.ts';
import type { LintFinding } from './lint.ts';

/** A finding, and the playbooks that it is about. */
export interface PlaybookFinding extends LintFinding {
  readonly playbooks: readonly string[];
}

/** Everything `run-playbook lint` has to say. */
export interface LintResult {
  readonly exit: ExitCode;
  /** Names of the playbooks looked at. */
  readonly playbooks: readonly string[];
  /** Rules that could have been broken. */
  readonly rules: number;
  /** Hosts that were asked. */
  readonly surveyed: readonly string[];
  /** What is refused first. */
  readonly findings: readonly PlaybookFinding[];
  /** Variables that are not valid at all, hosts that could not be asked. */
  readonly troubles: readonly Trouble[];
  readonly ms: number;
}
