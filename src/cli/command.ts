import type { HelpTopic } from './help-topics.ts';

/** What a command line asks for. */
export type Command =
  | RunCommand
  | LabCommand
  | VarsCommand
  | LintCommand
  | ExplainCommand
  | DrillCommand
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
