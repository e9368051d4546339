import type { Secret } from './secret.ts';

/** Where a value was written: `inventory/hosts.yml:5:11`, `role default`, `--extra-vars`. */
export type Origin = string;

/** A spot in what the user wrote. */
export interface Place {
  readonly origin: Origin;
  /** The line and a caret under the column, passwords masked; empty where there is no text to show. */
  readonly excerpt: readonly string[];
}

/** A value that one of higher precedence hides. */
export interface Shadowed {
  readonly value: unknown;
  readonly origin: Origin;
}

/** `['keepalived', 'vips', 0]`, or dotted `keepalived.vips.0`; keys that contain dots are found either way. */
export type VarPath = string | readonly (string | number)[];

/** Variables merged from all levels, every one with where it came from. */
export interface Variables {
  /** As written (YAML types; `${NAME}` is a Secret). */
  readonly values: Readonly<Record<string, unknown>>;
  /** Where the value at `path` was written; undefined when there is none. */
  origin(path: VarPath): Origin | undefined;
  /** Like `origin`, for an error; of the nearest existing parent when `path` does not exist. */
  place(path: VarPath): Place | undefined;
  /** Where the name of the map entry at `path` was written, for an error about the name. */
  keyPlace(path: VarPath): Place | undefined;
  /** Values of lower precedence that the one at `path` hides, nearest first. */
  shadows(path: VarPath): readonly Shadowed[];
}

/** How to reach a host and become root there. */
export interface Target {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly privateKeyFile?: string | undefined;
  readonly password?: Secret | undefined;
  readonly become: Become;
  /** known_hosts files, read in order. */
  readonly knownHostsFiles: readonly string[];
  readonly connectTimeoutMs: number;
}

export interface Become {
  readonly enabled: boolean;
  readonly user: string;
  readonly password?: Secret | undefined;
}

export interface Host {
  readonly name: string;
  /** Nearest last: `all`, parent groups, child groups. */
  readonly groups: readonly string[];
  readonly target: Target;
  /** Where the host is first named. */
  readonly place: Place;
  /** Role variables, one object per role: `nginx`, `keepalived`, `haproxy`. */
  readonly vars: Variables;
  /** Ansible's connection variables, as written. */
  readonly connection: Variables;
}

export interface Inventory {
  /** The file it was read from, as errors name it. */
  readonly source: string;
  readonly hosts: ReadonlyMap<string, Host>;
  /** Host names by group, in inventory order, child groups included. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Name of the built-in lab when these hosts are its; the run then takes place inside its network. */
  readonly lab?: string | undefined;
  /** Every secret read, so that reports can mask what hosts print. */
  readonly secrets: readonly Secret[];
}
