import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InvalidInput } from '../core/error.ts';
import type { Host, Inventory } from '../core/inventory.ts';
import { mask, type Secret } from '../core/secret.ts';
import { suggestionFor } from '../core/suggest.ts';
import { concealPasswords, readTarget, type ConnectionDefaults } from './connection.ts';
import { isConnectionName } from './connection-names.ts';
import { Findings } from './findings.ts';
import { readGroups, sortGroups, withAncestors, type RawGroup, type RawInventory } from './groups.ts';
import { findLab } from './lab.ts';
import { findProject, shownPath } from './project.ts';
import { readSecrets, SecretFiller, usesSecrets, type SecretSource } from './secrets.ts';
import { SourceText } from './source-text.ts';
import { LoadedVariables, mergeLayers, pickEntries, type MapNode } from './variables.ts';
import { readVarsFolder, type VarsByName } from './vars-files.ts';
import { parseYamlMap } from './yaml.ts';

export interface LoadOptions {
  /** What relative paths are relative to; the process's when left out. */
  readonly cwd?: string;
  /** Where `.env` is; found from `cwd` when left out. */
  readonly projectDir?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** From `--extra-vars`; above everything else on every host. */
  readonly extraVars?: MapNode | undefined;
  /** Hears of secrets as soon as they are known: what goes wrong after that must not tell them. */
  readonly learn?: (secrets: readonly Secret[]) => void;
}

/** Everything that says variables, lowest precedence first within each. */
interface Sources {
  readonly raw: RawInventory;
  readonly groupVars: VarsByName;
  readonly hostVars: VarsByName;
  readonly extraVars: MapNode | undefined;
}

/**
 * The hosts, groups and merged variables of an Ansible YAML inventory, with `group_vars/` and `host_vars/` beside it.
 *
 * Precedence is Ansible's: all < parent group < child group < host < extra vars, files over the inventory itself.
 *
 * @throws InvalidInput with everything wrong in it at once, each with file, line and column
 */
export async function loadInventory(path: string, options: LoadOptions = {}): Promise<Inventory> {
  const cwd = options.cwd ?? process.cwd();
  const file = resolve(cwd, path);
  const source = new SourceText(shownPath(file, cwd), await readInventoryFile(file, cwd));
  const findings = new Findings();
  const root = await parseYamlMap(source, findings);
  // One after the other, so that errors come in the same order every time.
  const groupVars = await readVarsFolder(join(dirname(file), 'group_vars'), cwd, findings);
  const hostVars = await readVarsFolder(join(dirname(file), 'host_vars'), cwd, findings);
  const raw = readGroups(root, findings);
  const sources = { raw, groupVars, hostVars, extraVars: options.extraVars };
  const env = options.env ?? process.env;
  const lab = await findLab(raw, env, findings);
  const secretSource = await secretsFor(sources, options.projectDir ?? findProject(cwd), { env, findings });
  const filler = new SecretFiller(secretSource, findings, options.learn);
  const defaults = { cwd, privateKeyFile: lab?.privateKey, knownHostsFiles: lab && [lab.knownHosts] };
  const hosts = [...raw.hosts.keys()].map((name) => readHost(name, { sources, filler, defaults, findings }));
  options.learn?.(passwords(hosts));
  reportEqualAddresses(hosts, filler.given, findings);
  if (hosts.length === 0 && findings.count === 0) {
    findings.add(source.place(0), `${source.name} names no host`, 'list the hosts below all: hosts:');
  }
  findings.throwIfAny();
  return {
    source: source.name,
    hosts: new Map(hosts.map((host) => [host.name, host])),
    groups: membersByGroup(hosts, raw),
    lab: lab?.name,
    secrets: [...new Set([...filler.given, ...passwords(hosts)])],
  };
}

async function readInventoryFile(file: string, cwd: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const name = shownPath(file, cwd);
    const what =
      code === 'ENOENT'
        ? `there is no inventory ${name}`
        : code === 'EISDIR'
          ? `the inventory ${name} is a folder`
          : `cannot read the inventory ${name}: ${message}`;
    throw new InvalidInput([{ what, hint: 'name a YAML file with --inventory' }]);
  }
}

async function secretsFor(
  { raw, groupVars, hostVars, extraVars }: Sources,
  projectDir: string,
  { env, findings }: { readonly env: NodeJS.ProcessEnv; readonly findings: Findings },
): Promise<SecretSource> {
  const layers = [
    ...[...raw.groups.values(), ...raw.hosts.values()].flatMap(({ vars }) => vars),
    ...[...groupVars.values(), ...hostVars.values()].flat(),
    ...(extraVars ? [extraVars] : []),
  ];
  return layers.some(usesSecrets)
    ? readSecrets(projectDir, env, findings)
    : { file: '.env', values: new Map() };
}

interface HostReading {
  readonly sources: Sources;
  readonly filler: SecretFiller;
  readonly defaults: ConnectionDefaults;
  readonly findings: Findings;
}

function readHost(name: string, { sources, filler, defaults, findings }: HostReading): Host {
  const { raw } = sources;
  const groups = groupsOf(name, raw);
  const layers = layersOf(name, groups, sources).map((layer) => filler.fill(layer));
  const merged = mergeLayers(layers);
  const connection = concealPasswords(pickEntries(merged, isConnectionName));
  const place = raw.hosts.get(name)?.place ?? merged.place;
  checkOwnNames(merged, findings);
  return {
    name,
    groups: groups.map((group) => group.name),
    target: readTarget(name, { connection, defaults }, findings),
    place,
    vars: new LoadedVariables(pickEntries(merged, (key) => !isConnectionName(key) && !isOwnName(key))),
    connection: new LoadedVariables(connection),
  };
}

function groupsOf(host: string, raw: RawInventory): readonly RawGroup[] {
  const direct = [...raw.groups.values()].filter((group) => group.hosts.has(host));
  const all = new Set(direct.flatMap((group) => [...withAncestors(group, raw.groups)]));
  return sortGroups([...all], raw.groups);
}

/** Ansible's order: groups in the inventory, group_vars/all, other group_vars, the host, host_vars, extra vars. */
function layersOf(host: string, groups: readonly RawGroup[], sources: Sources): readonly MapNode[] {
  return [
    ...groups.flatMap((group) => group.vars),
    ...groups.flatMap((group) => sources.groupVars.get(group.name) ?? []),
    ...(sources.raw.hosts.get(host)?.vars ?? []),
    ...(sources.hostVars.get(host) ?? []),
    ...(sources.extraVars ? [sources.extraVars] : []),
  ];
}

function isOwnName(name: string): boolean {
  return name.startsWith('run_playbook_');
}

function checkOwnNames(vars: MapNode, findings: Findings): void {
  for (const [name, entry] of vars.entries) {
    if (isOwnName(name) && name !== 'run_playbook_lab') {
      findings.add(
        entry.keyPlace,
        `${name} is not a variable of run-playbook`,
        suggestionFor(name, ['run_playbook_lab'], 'known'),
      );
    }
  }
}

function reportEqualAddresses(hosts: readonly Host[], secrets: readonly Secret[], findings: Findings): void {
  const first = new Map<string, Host>();
  for (const host of hosts) {
    const address = `${host.target.address} port ${host.target.port}`;
    const other = first.get(address);
    if (other === undefined) {
      first.set(address, host);
      continue;
    }
    const place = host.connection.place('ansible_host') ?? host.place;
    findings.add(
      place,
      `${other.name} and ${host.name} are both ${mask(address, secrets)}`,
      `give each host an address of its own; ${other.name} is at ${other.place.origin}`,
    );
  }
}

function membersByGroup(hosts: readonly Host[], raw: RawInventory): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...raw.groups.keys()].map((group) => [
      group,
      hosts.filter((host) => host.groups.includes(group)).map((host) => host.name),
    ]),
  );
}

/** Those written into the inventory itself are masked all the same. */
function passwords(hosts: readonly Host[]): readonly Secret[] {
  return hosts
    .flatMap(({ target }) => [target.password, target.become.password])
    .filter((secret) => secret !== undefined);
}
