import type { Host, Origin, Shadowed, Variables } from '../core/inventory.ts';
import { Secret } from '../core/secret.ts';
import type { BoundHost } from './bind-vars.ts';
import { isPlainObject } from './variables.ts';

/** One variable of a host, and where its value comes from. */
export interface ExplainedVar {
  /** `keepalived.vips.0.address` */
  readonly name: string;
  readonly value: unknown;
  readonly origin: Origin;
  readonly shadows: readonly Shadowed[];
}

/**
 * Every variable of a host, a row for each single value, connection variables first.
 *
 * @param bound the host after `bindVars`: then the defaults of its roles are rows as well
 */
export function explainVars(host: Host, bound?: BoundHost): readonly ExplainedVar[] {
  const roles = bound === undefined ? host.vars.values : Object.fromEntries(bound.vars);
  const variables = bound?.variables ?? host.vars;
  return [...rows(host.connection.values, host.connection), ...rows(roles, variables)];
}

function rows(values: Readonly<Record<string, unknown>>, variables: Variables): readonly ExplainedVar[] {
  return singleValues(values, []).map(({ path, value }) => ({
    name: path.join('.'),
    value,
    origin: variables.origin(path) ?? 'role default',
    shadows: variables
      .shadows(path)
      .map((hidden) => (value instanceof Secret ? { ...hidden, value: concealed(hidden.value) } : hidden)),
  }));
}

/** What a secret hides was meant to be one as well. */
function concealed(value: unknown): Secret {
  return value instanceof Secret ? value : new Secret(String(value));
}

interface SingleValue {
  readonly path: readonly (string | number)[];
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
