/** What a command line asks for. */
export type Command =
  | RunCommand
  | LabCommand
  | VarsCommand
  | { readonly kind: 'help'; readonly of: 'run' | 'lab' | 'vars' }
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
