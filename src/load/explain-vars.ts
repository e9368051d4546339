import type { Host, Origin, Shadowed, Variables } from '../core/inventory.ts';
import { Secret } from '../core/secret.ts';
import { SECRETIVE } from '../core/secret-names.ts';
import type { Role } from '../core/role.ts';
import type { BoundHost } from './bind-vars.ts';
import { isMeantSecretAt, type PathKey } from './schema.ts';
import { isPlainObject } from './variables.ts';

/** One variable of a host, and where its value comes from. */
export interface ExplainedVar {
  /** `keepalived.vips.0.address` */
  readonly name: string;
  readonly value: unknown;
  readonly origin: Origin;
  readonly shadows: readonly Shadowed[];
}

export interface ExplainOptions {
  /** The host after `bindVars`: then the defaults of its roles are rows as well. */
  readonly bound?: BoundHost | undefined;
  /** Whose schemas tell what is a secret, though it was written as plain text. */
  readonly roles?: readonly Role[];
}

/** Every variable of a host, a row for each single value, connection variables first; secrets are Secrets. */
export function explainVars(host: Host, { bound, roles = [] }: ExplainOptions = {}): readonly ExplainedVar[] {
  const values = bound === undefined ? host.vars.values : Object.fromEntries(bound.vars);
  const isSecret = ([name, ...path]: Path) => {
    const own = roles.filter((role) => role.name === name);
    return own.length > 0
      ? own.some((role) => isMeantSecretAt(role.vars, path))
      : bound === undefined && SECRETIVE.test(String(path.at(-1)));
  };
  return [
    ...rows(host.connection.values, host.connection, () => false),
    ...rows(values, bound?.variables ?? host.vars, isSecret),
  ];
}

function rows(
  values: Readonly<Record<string, unknown>>,
  variables: Variables,
  isSecret: (path: Path) => boolean,
): readonly ExplainedVar[] {
  return singleValues(values, []).map(({ path, value }) => {
    const shown = value instanceof Secret || isSecret(path) ? concealed : (plain: unknown) => plain;
    return {
      name: path.join('.'),
      value: shown(value),
      origin: variables.origin(path) ?? 'role default',
      shadows: variables.shadows(path).map((hidden) => ({ ...hidden, value: shown(hidden.value) })),
    };
  });
}

/** What a secret hides was meant to be one as well. */
function concealed(value: unknown): Secret {
  return value instanceof Secret ? value : new Secret(String(value));
}

type Path = readonly PathKey[];

interface SingleValue {
  readonly path: Path;
  readonly value: unknown;
}

/** The leaves of a value; an empty map or list is one, or it would not be shown at all. */
function singleValues(value: unknown, path: SingleValue['path']): readonly SingleValue[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item: unknown, index) => singleValues(item, [...path, index]));
  }
  if (isPlainObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, item]) => singleValues(item, [...path, key]));
  }
  return path.length === 0 ? [] : [{ path, value }];
}
