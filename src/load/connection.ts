import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Place, Target } from '../core/inventory.ts';
import { Secret } from '../core/secret.ts';
import { suggest } from '../core/suggest.ts';
import { KNOWN_NAMES, READ, UNSUPPORTED } from './connection-names.ts';
import type { Findings } from './findings.ts';
import { HOST_NAME } from './groups.ts';
import { expandHome } from './project.ts';
import { readSshArgs } from './ssh-args.ts';
import type { MapEntry, MapNode } from './variables.ts';

const CONNECT_TIMEOUT_S = 10;
const PASSWORDS = [...READ.password, ...READ.becomePassword];
const KNOWN_HOSTS_FILES = ['~/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'];

/** What a host has that its connection variables do not say. */
export interface ConnectionDefaults {
  readonly cwd: string;
  readonly privateKeyFile?: string | undefined;
  readonly knownHostsFiles?: readonly string[] | undefined;
}

/** What a text has to look like; it comes to stand in configurations, command lines and messages. */
interface Form {
  readonly pattern: RegExp;
  readonly what: string;
}

const ADDRESS: Form = { pattern: HOST_NAME, what: 'a host name or an address, without port and brackets' };
const LOGIN: Form = {
  pattern: /^(?!-)[^\p{Cc}\p{Cf}\p{Cs}]+$/u,
  what: 'the name of a user, without control characters',
};
const ACCOUNT: Form = { pattern: /^#?\w[\w.@\\$-]*$/, what: 'the name of a user' };

/** The Target that Ansible's connection variables describe; what is wrong with them goes to `findings`. */
export function readTarget(
  host: string,
  { connection, defaults }: { readonly connection: MapNode; readonly defaults: ConnectionDefaults },
  findings: Findings,
): Target {
  for (const [name, entry] of connection.entries) {
    checkName(name, entry, findings);
  }
  const read = new ConnectionReader(connection, findings);
  read.only('connection', ['ssh', 'smart', 'ansible.builtin.ssh', 'paramiko', 'paramiko_ssh']);
  read.only('becomeMethod', ['sudo', 'ansible.builtin.sudo']);
  const file = (path: string): string => {
    const expanded = expandHome(path);
    return isAbsolute(expanded) ? expanded : join(defaults.cwd, expanded);
  };
  const keyFile = read.text('privateKeyFile');
  const knownHosts = [...read.sshArgs('commonArgs'), ...read.sshArgs('extraArgs')];
  return {
    host,
    address: read.text('address', ADDRESS) ?? host,
    port: read.number('port', { min: 1, max: 65_535, what: 'a port (1-65535)' }) ?? 22,
    user: read.text('user', LOGIN) ?? userInfo().username,
    privateKeyFile: keyFile === undefined ? defaults.privateKeyFile : file(keyFile),
    password: read.secret('password'),
    become: {
      enabled: read.boolean('become') ?? false,
      user: read.text('becomeUser', ACCOUNT) ?? 'root',
      password: read.secretLine('becomePassword'),
    },
    knownHostsFiles: (knownHosts.length > 0
      ? knownHosts
      : (defaults.knownHostsFiles ?? KNOWN_HOSTS_FILES)
    ).map(file),
    connectTimeoutMs:
      (read.number('timeout', { min: 1, max: 3600, what: 'a number of seconds (1-3600)' }) ??
        CONNECT_TIMEOUT_S) * 1000,
  };
}

/** Connection variables with plain-text passwords as Secrets, so that nothing prints them. */
export function concealPasswords(connection: MapNode): MapNode {
  const entries = new Map(connection.entries);
  for (const name of PASSWORDS) {
    const entry = entries.get(name);
    if (entry?.node.is === 'leaf' && entry.node.value !== null && !(entry.node.value instanceof Secret)) {
      const value = new Secret(String(entry.node.value), name);
      entries.set(name, { ...entry, node: { ...entry.node, value, shadows: [] } });
    }
  }
  return { ...connection, entries };
}

/** The variable that was set for `what`, under any of its names. */
function connectionEntry(connection: MapNode, what: keyof typeof READ): [string, MapEntry] | undefined {
  for (const name of READ[what]) {
    const entry = connection.entries.get(name);
    if (entry !== undefined) {
      return [name, entry];
    }
  }
  return undefined;
}

function checkName(name: string, { keyPlace, node }: MapEntry, findings: Findings): void {
  const instead = UNSUPPORTED[name];
  if (instead !== undefined) {
    findings.add(keyPlace, `${name} is not supported`, instead);
  } else if (!KNOWN_NAMES.includes(name)) {
    const near = suggest(name, KNOWN_NAMES);
    if (node.is === 'leaf' && PASSWORDS.some((password) => password === near)) {
      findings.hide(new Secret(String(node.value)));
    }
    const used = Object.values(READ).map(([first]) => first);
    findings.add(
      keyPlace,
      `${name} is not a connection variable`,
      near ? `did you mean ${near}?` : `known: ${used.join(', ')}`,
    );
  }
}

class ConnectionReader {
  readonly #connection: MapNode;
  readonly #findings: Findings;

  constructor(connection: MapNode, findings: Findings) {
    this.#connection = connection;
    this.#findings = findings;
  }

  text(what: keyof typeof READ, form?: Form): string | undefined {
    const found = this.#scalar(what);
    if (found === undefined) {
      return undefined;
    }
    const text = revealed(found.value);
    if (text === '') {
      this.#wrong(found, 'should be a text, is empty');
      return undefined;
    }
    if (form?.pattern.test(text) === false) {
      this.#wrong(found, `should be ${form.what}, is ${shown(found.value)}`);
      return undefined;
    }
    return text;
  }

  secret(what: keyof typeof READ): Secret | undefined {
    const found = this.#scalar(what);
    return found?.value instanceof Secret ? found.value : undefined;
  }

  /** sudo reads its password to the end of the line, and what follows would be run as the script. */
  secretLine(what: keyof typeof READ): Secret | undefined {
    const found = this.#scalar(what);
    if (found?.value instanceof Secret && /[\r\n]/.test(found.value.reveal())) {
      this.#wrong(found, 'should be a single line');
    }
    return this.secret(what);
  }

  number(
    what: keyof typeof READ,
    range: { readonly min: number; readonly max: number; readonly what: string },
  ): number | undefined {
    const found = this.#scalar(what);
    if (found === undefined) {
      return undefined;
    }
    const text = revealed(found.value);
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= range.min && number <= range.max)) {
      this.#wrong(found, `should be ${range.what}, is ${shown(found.value)}`);
      return undefined;
    }
    return number;
  }

  boolean(what: keyof typeof READ): boolean | undefined {
    const found = this.#scalar(what);
    if (found === undefined) {
      return undefined;
    }
    const text = revealed(found.value).toLowerCase();
    if (['true', 'yes', 'on', 'y', 't', '1'].includes(text)) {
      return true;
    }
    if (!['false', 'no', 'off', 'n', 'f', '0'].includes(text)) {
      this.#wrong(found, `should be true or false, is ${shown(found.value)}`);
    }
    return false;
  }

  only(what: keyof typeof READ, allowed: readonly string[]): void {
    const found = this.#scalar(what);
    if (found !== undefined && !allowed.includes(String(found.value))) {
      this.#wrong(
        found,
        `${shown(found.value)} is not supported, only ${allowed[0]} is`,
        `remove it, or write ${allowed[0]}`,
      );
    }
  }

  sshArgs(what: 'commonArgs' | 'extraArgs'): readonly string[] {
    const found = this.#scalar(what);
    return found === undefined ? [] : readSshArgs(revealed(found.value), found, this.#findings);
  }

  #scalar(what: keyof typeof READ): Found | undefined {
    const [name, entry] = connectionEntry(this.#connection, what) ?? [];
    if (name === undefined || entry === undefined) {
      return undefined;
    }
    const { node } = entry;
    const found = { name, place: node.place };
    if (node.is !== 'leaf') {
      this.#wrong({ ...found, value: undefined }, `should be a single value, is a ${node.is}`);
      return undefined;
    }
    if (node.value === null) {
      this.#wrong({ ...found, value: null }, 'has no value', 'write the value, or remove the line');
      return undefined;
    }
    return { ...found, value: node.value };
  }

  #wrong(found: Found, what: string, hint?: string): void {
    this.#findings.add(found.place, `${found.name}: ${what}`, hint);
  }
}

/** A connection variable as set. */
interface Found {
  readonly name: string;
  readonly place: Place;
  readonly value: unknown;
}

function revealed(value: unknown): string {
  return value instanceof Secret ? value.reveal() : String(value);
}

function shown(value: unknown): string {
  return value instanceof Secret ? 'a secret' : String(value);
}
