import type { GenericSchema } from 'valibot';
import { safeParse } from 'valibot';
import type { Host, Inventory } from '../core/inventory.ts';
import { byLevel, refusalOf } from '../core/lint.ts';
import type { ClusterHost, Playbook, Role } from '../core/role.ts';
import { mask, Secret } from '../core/secret.ts';
import { suggestionFor } from '../core/suggest.ts';
import { KNOWN_NAMES } from './connection-names.ts';
import { Findings } from './findings.ts';
import { explainIssues } from './issues.ts';
import { isMeantSecretAt, type PathKey } from './schema.ts';
import { lintVars } from './lint.ts';
import { secretsIn } from './secrets-in.ts';
import { placeOutside } from './source-text.ts';
import { isPlainObject, LoadedVariables, mergeLayers, nodeOf } from './variables.ts';

/** A host as roles see it, with where its variables came from. */
export interface BoundHost extends ClusterHost {
  readonly variables: LoadedVariables;
}

export interface BindOptions {
  /** All hosts the playbook runs on, not only those a limit leaves: roles look at their peers. */
  readonly hostNames: readonly string[];
  /** Names of roles that other playbooks use: their variables may stand in the same inventory. */
  readonly otherRoles?: readonly string[];
  /** Hears of the secrets that are bound, before anything is found wrong with them. */
  readonly learn?: (secrets: readonly Secret[]) => void;
}

/**
 * The hosts with the validated variables of every role of the playbook, defaults applied.
 *
 * The inventory (extra vars included) is above what the playbook itself sets.
 *
 * @throws InvalidInput with everything wrong on all hosts, each with where it was written; also what breaks a rule
 * of level `refuse`
 */
export function bindVars(
  playbook: Playbook,
  inventory: Inventory,
  options: BindOptions,
): readonly BoundHost[] {
  const bound = validateVars(playbook, inventory, options);
  const findings = new Findings();
  for (const finding of byLevel(lintVars(playbook, bound, inventory.source)).refuse) {
    findings.addTrouble(refusalOf(finding));
  }
  findings.throwIfAny();
  return bound;
}

/**
 * The same as far as the roles' schemas say: rules are not looked at.
 *
 * @throws InvalidInput with everything wrong on all hosts, each with where it was written
 */
export function validateVars(
  playbook: Playbook,
  inventory: Inventory,
  { hostNames, otherRoles = [], learn }: BindOptions,
): readonly BoundHost[] {
  const findings = new Findings();
  const hosts = hostNames.map((name) => {
    const host = inventory.hosts.get(name);
    if (host === undefined) {
      throw new TypeError(`${name} is not in ${inventory.source}`);
    }
    return host;
  });
  const known = new Set([...playbook.roles.map((role) => role.name), ...otherRoles]);
  const bound = hosts.map((host): BoundHost => {
    requireRoot(host, inventory.secrets, findings);
    const variables = variablesOn(host, playbook);
    reportUnknownNames(variables, known, findings);
    const vars = new Map(
      playbook.roles.map((role) => [
        role.name,
        bindRole(role, { variables, source: inventory.source }, findings),
      ]),
    );
    return { name: host.name, address: host.target.address, groups: host.groups, vars, variables };
  });
  learn?.(secretsIn(bound));
  findings.throwIfAny();
  return bound;
}

/**
 * What was meant to be a secret and would be shown by its line: a number, such as a password of digits, never becomes
 * one, nor does what stands below a name with a typing mistake.
 */
function plainSecrets(
  schema: GenericSchema,
  value: unknown,
  path: readonly PathKey[] = [],
): readonly Secret[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => plainSecrets(schema, item, [...path, index]));
  }
  if (isPlainObject(value)) {
    return Object.entries(value).flatMap(([key, item]) => plainSecrets(schema, item, [...path, key]));
  }
  return value instanceof Secret || !isMeantSecretAt(schema, path) ? [] : [new Secret(String(value))];
}

function variablesOn(host: Host, playbook: Playbook): LoadedVariables {
  const own = nodeOf(playbook.vars ?? {}, placeOutside(`playbook ${playbook.name}`));
  const layers = [own, rootOf(host)].filter((node) => node.is === 'map');
  return new LoadedVariables(mergeLayers(layers));
}

/** The inventory's nodes, or nodes made of its plain values when another loader made the host. */
function rootOf({ vars }: Host) {
  return vars instanceof LoadedVariables ? vars.root : nodeOf(vars.values, placeOutside('inventory'));
}

/** Every role works as root; without it each host would fail at its first command. */
function requireRoot(
  { target, connection, place }: Host,
  secrets: readonly Secret[],
  findings: Findings,
): void {
  if (target.become.enabled && target.become.user !== 'root') {
    findings.add(
      connection.place('ansible_become_user') ?? place,
      `${target.host}: ansible_become_user is ${mask(target.become.user, secrets)}; playbooks need root`,
      'remove ansible_become_user',
    );
  } else if (!target.become.enabled && target.user !== 'root') {
    findings.add(
      connection.place('ansible_become') ?? place,
      `${target.host}: logs in as ${mask(target.user, secrets)} and does not become root, which playbooks need`,
      'ansible_become: true',
    );
  }
}

function reportUnknownNames(
  variables: LoadedVariables,
  known: ReadonlySet<string>,
  findings: Findings,
): void {
  for (const [name, { keyPlace }] of variables.root.entries) {
    if (!known.has(name)) {
      const near = suggestionFor(name, [...known, ...KNOWN_NAMES], '');
      const hint = near?.startsWith('did')
        ? near
        : `variables stand below their role: ${[...known].join(', ')}`;
      findings.add(keyPlace, `${name} is not a role or connection variable`, hint);
    }
  }
}

function bindRole(
  role: Role,
  { variables, source }: { readonly variables: LoadedVariables; readonly source: string },
  findings: Findings,
): unknown {
  const schema: GenericSchema = role.vars;
  const given = Object.hasOwn(variables.values, role.name) ? variables.values[role.name] : {};
  const result = safeParse(schema, given);
  plainSecrets(schema, given).forEach((secret) => findings.hide(secret));
  for (const { path, what, hint, about } of explainIssues(schema, given, result.issues ?? [])) {
    const full = [role.name, ...path];
    const places = {
      name: () => variables.keyPlace(full),
      value: () => variables.place(full),
      missing: () => variables.keyPlace(full.slice(0, -1)),
    };
    const fallback = about === 'missing' ? `write ${full.at(-1)}: … below ${full.at(-2)}:` : undefined;
    const place = places[about]() ?? placeOutside(source);
    findings.add(place, `${full.join('.')}: ${what}`, hint ?? fallback);
  }
  return result.output;
}
