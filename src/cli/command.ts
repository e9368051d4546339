import type { Scheduler } from '../core/schedule.ts';
import type { HelpTopic } from './help-topics.ts';

/** What a command line asks for. */
export type Command =
  | RunCommand
  | LabCommand
  | VarsCommand
  | LintCommand
  | ExplainCommand
  | DrillCommand
  | PlanCommand
  | ApplyCommand
  | StatusCommand
  | HistoryCommand
  | LockCommand
  | DriftCommand
  | ScheduleCommand
  | DriftHistoryCommand
  | DriftShowCommand
  | { readonly kind: 'help'; readonly of: HelpTopic }
  | VersionCommand;

export interface VersionCommand {
  readonly kind: 'version';
}

/** `run-playbook PLAYBOOK` */
export interface RunCommand {
  readonly kind: 'run';
  readonly playbook: string;
  readonly check: boolean;
  readonly diff: boolean;
  readonly yes: boolean;
  readonly inventory: string | undefined;
  readonly limit: string | undefined;
  readonly forks: number;
  readonly extraVars: readonly string[];
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  /** Undefined: as the playbook says. */
  readonly watch: boolean | undefined;
  /** Requests per second to each target. */
  readonly watchRate: number | undefined;
  readonly maxLost: number | undefined;
  /** What is taken back after a failure. */
  readonly rollback: 'host' | 'batch' | 'none';
  /** Seconds that hosts are waited for that others hold; undefined: not at all. */
  readonly wait: number | undefined;
  readonly verbosity: number;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** `run-playbook lab …` */
export type LabCommand = { readonly kind: 'lab'; readonly inventory: string | undefined } & LabAction;

export type LabAction =
  | { readonly action: 'up' }
  | { readonly action: 'down'; readonly purge: boolean }
  | { readonly action: 'status' }
  | { readonly action: 'shell'; readonly host: string }
  | { readonly action: 'exec'; readonly host: string; readonly command: readonly string[] };

/** `run-playbook vars HOST` */
export interface VarsCommand {
  readonly kind: 'vars';
  readonly host: string;
  readonly inventory: string | undefined;
  readonly extraVars: readonly string[];
  /** Whose roles' defaults are listed too. */
  readonly playbook: string | undefined;
}

/** `run-playbook drill PLAYBOOK` */
export interface DrillCommand {
  readonly kind: 'drill';
  readonly playbook: string;
  /** Names of faults; empty: all that can be done. */
  readonly only: readonly string[];
  /** Shows what can be done, and does nothing. */
  readonly list: boolean;
  /** How often each fault happens on each host. */
  readonly repeat: number;
  readonly yes: boolean;
  readonly inventory: string | undefined;
  readonly extraVars: readonly string[];
  readonly json: boolean;
  /** A file, or `true` for stdout. */
  readonly markdown: string | true | undefined;
}

/** `run-playbook plan PLAYBOOK -o FILE` */
export interface PlanCommand {
  readonly kind: 'plan';
  /** The check that makes the plan. */
  readonly run: RunCommand;
  readonly output: string;
  /** File of the private key that signs it. */
  readonly sign: string | undefined;
}

/** `run-playbook apply FILE` */
export interface ApplyCommand {
  readonly kind: 'apply';
  readonly file: string;
  /** File of the public key that must have signed it. */
  readonly requireSignedBy: string | undefined;
  /** How it is applied; what is applied stands in the file. */
  readonly how: RunCommand;
}

/** `run-playbook status` */
export interface StatusCommand {
  readonly kind: 'status';
  readonly inventory: string | undefined;
  readonly limit: string | undefined;
  readonly json: boolean;
}

/** `run-playbook drift [PLAYBOOK]` */
export interface DriftCommand {
  readonly kind: 'drift';
  /** Undefined: the one that was last applied to these hosts. */
  readonly playbook: string | undefined;
  readonly inventory: string | undefined;
  readonly limit: string | undefined;
  readonly forks: number;
  readonly extraVars: readonly string[];
  /** Who may run the probe on the hosts and nothing else. */
  readonly probeUser: string | undefined;
  /** Prints what lets this user run the probe. */
  readonly printSudoers: string | undefined;
  /** Prints the probe of this host. */
  readonly printProbe: string | undefined;
  /** Asks the hosts who and when, too. */
  readonly explain: boolean;
  /** Applies what drifted. */
  readonly fix: boolean;
  /** Declares what was found, where that can be said. */
  readonly accept: boolean;
  /** Does not ask before it does. */
  readonly yes: boolean;
  /** Tells people what is new. */
  readonly notify: boolean;
  readonly diff: boolean;
  readonly json: boolean;
  /** A file. */
  readonly junit: string | undefined;
  /** A file, or `true` for the job's summary, else stdout. */
  readonly markdown: string | true | undefined;
  /** A file. */
  readonly html: string | undefined;
  /** A file for Prometheus. */
  readonly metrics: string | undefined;
  readonly quiet: boolean;
}

/** `run-playbook schedule …` */
export type ScheduleCommand = {
  readonly kind: 'schedule';
  readonly inventory: string | undefined;
} & (
  | {
      readonly action: 'install';
      /** Undefined: the one that was applied last when a check is made. */
      readonly playbook: string | undefined;
      /** `15m` */
      readonly every: string;
      readonly on: Scheduler;
      /** Where a check leaves its metrics. */
      readonly metrics: string | undefined;
      readonly yes: boolean;
    }
  | { readonly action: 'status'; readonly json: boolean }
  | { readonly action: 'remove'; readonly yes: boolean }
);

/** `run-playbook drift history` */
export interface DriftHistoryCommand {
  readonly kind: 'drift-history';
  /** Of checks, at most. */
  readonly number: number;
  readonly inventory: string | undefined;
  readonly json: boolean;
}

/** `run-playbook drift show ID` */
export interface DriftShowCommand {
  readonly kind: 'drift-show';
  /** Of a check or of a finding, or how it begins. */
  readonly id: string;
  readonly inventory: string | undefined;
  readonly json: boolean;
}

/** `run-playbook history [HOST]` */
export interface HistoryCommand {
  readonly kind: 'history';
  /** Undefined: what is known here of all hosts. */
  readonly host: string | undefined;
  /** Of runs, at most. */
  readonly number: number;
  readonly inventory: string | undefined;
  readonly json: boolean;
}

/** `run-playbook lock …` */
export type LockCommand = {
  readonly kind: 'lock';
  /** Names or patterns; empty: all. */
  readonly hosts: readonly string[];
  readonly inventory: string | undefined;
} & (
  | { readonly action: 'status'; readonly json: boolean }
  | { readonly action: 'release'; readonly yes: boolean }
);

/** `run-playbook lint [PLAYBOOK]` */
export interface LintCommand {
  readonly kind: 'lint';
  /** Undefined: all whose hosts the inventory has. */
  readonly playbook: string | undefined;
  readonly inventory: string | undefined;
  readonly limit: string | undefined;
  readonly extraVars: readonly string[];
  readonly json: boolean;
}

/** `run-playbook explain [CODE]` */
export interface ExplainCommand {
  readonly kind: 'explain';
  /** Undefined: all, a line each. */
  readonly code: string | undefined;
}
