import type { ClusterHost } from '../core/role.ts';
import { Secret } from '../core/secret.ts';
import { isPlainObject } from './variables.ts';

/** Every secret in bound variables, also those written as plain text, so that reports can mask them. */
export function secretsIn(hosts: readonly ClusterHost[]): readonly Secret[] {
  const found = new Set<Secret>();
  const visit = (value: unknown): void => {
    if (value instanceof Secret) {
      found.add(value);
    } else if (Array.isArray(value)) {
      value.forEach(visit);
    } else if (isPlainObject(value)) {
      Object.values(value).forEach(visit);
    }
  };
  hosts.forEach((host) => host.vars.forEach(visit));
  return [...found];
}
