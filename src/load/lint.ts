import { InvalidInput } from '../core/error.ts';
import { findingOf, mergeHosts, type LintFinding } from '../core/lint.ts';
import { roleFault } from '../core/role-fault.ts';
import type { Place } from '../core/inventory.ts';
import type { Playbook } from '../core/role.ts';
import { maskHeard } from '../core/secret.ts';
import type { BoundHost } from './bind-vars.ts';
import { secretsIn } from './secrets-in.ts';
import { placeOutside } from './source-text.ts';

/**
 * The rules that a playbook's variables break, whole cluster in view; no host is asked.
 *
 * @param source the inventory, for what is written nowhere
 * @throws InvalidInput a role's own code failed
 */
export function lintVars(
  playbook: Playbook,
  hosts: readonly BoundHost[],
  source: string,
): readonly LintFinding[] {
  const placeOf = placeIn(hosts);
  const found = hosts.flatMap((host) =>
    playbook.roles.flatMap((role) => {
      const peers = hosts.filter((other) => other !== host);
      const context = { host, vars: host.vars.get(role.name), cluster: { hosts }, peers };
      try {
        return (role.objections?.(context) ?? []).map((objection) => {
          const place = placeOf(host.name, objection.path) ?? placeOutside(source);
          return findingOf(objection, { rules: role.rules ?? [], host: host.name, place });
        });
      } catch (error) {
        const hint = `correct the role, or what it was given: run-playbook vars ${host.name}`;
        const trouble = { host: host.name, resource: `role ${role.name}`, hint, ...roleFault(error) };
        throw new InvalidInput([trouble]);
      }
    }),
  );
  return mergeHosts(found);
}

/** Where a variable of one of these hosts was written, or the nearest that it is part of; its line without secrets. */
export function placeIn(hosts: readonly BoundHost[]): (host: string, path: string) => Place | undefined {
  const secrets = secretsIn(hosts);
  return (name, path) => {
    const place = hosts.find((host) => host.name === name)?.variables.place(path);
    return (
      place && {
        origin: place.origin,
        // Plain text may be one, and the excerpt may be cut within it.
        excerpt: place.excerpt.map((line) => maskHeard(line, secrets)),
      }
    );
  };
}
