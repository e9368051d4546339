import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from '../core/inventory.ts';
import { quote } from '../core/script.ts';
import { Secret } from '../core/secret.ts';
import { suggest } from '../core/suggest.ts';
import type { Findings } from './findings.ts';
import { isMissing } from './project.ts';
import { placeOutside } from './source-text.ts';
import type { LeafNode, MapEntry, MapNode, VarNode } from './variables.ts';

const REFERENCE = /\$\{([A-Za-z_]\w*)\}/g;
/** `$${NAME}` is the text `${NAME}`, as in Compose files. */
const ESCAPED = '$${';

/** Where `${NAME}` takes its values from: `.env` beside the project, then the environment. */
export interface SecretSource {
  /** As errors name it: `.env`. */
  readonly file: string;
  readonly values: ReadonlyMap<string, string>;
}

/**
 * The secrets of a project: what `.env` says, else what the environment says.
 *
 * Nothing is put into `process.env`: local child processes must not inherit secrets.
 */
export async function readSecrets(
  projectDir: string,
  env: NodeJS.ProcessEnv,
  findings: Findings,
): Promise<SecretSource> {
  const path = join(projectDir, '.env');
  const values = new Map(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  try {
    const mode = (await stat(path)).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      const shown = mode.toString(8).padStart(4, '0');
      findings.add(
        placeOutside(path),
        `.env is open to other users (mode ${shown})`,
        `chmod 600 ${quote(path)}`,
      );
    }
    const { parse } = await import('dotenv');
    for (const [name, value] of Object.entries(parse(await readFile(path)))) {
      values.set(name, value);
    }
  } catch (error) {
    if (!isMissing(error)) {
      const why = error instanceof Error ? error.message : String(error);
      findings.add(
        placeOutside(path),
        `.env cannot be read: ${why}`,
        `check what ${path} is, and who owns it`,
      );
    }
  }
  return { file: '.env', values };
}

/** Whether any text in the layers takes a secret, so that `.env` has to be read. */
export function usesSecrets(node: VarNode): boolean {
  switch (node.is) {
    case 'leaf':
      return typeof node.value === 'string' && !node.literal && node.value.includes('${');
    case 'list':
      return node.items.some(usesSecrets);
    case 'map':
      return [...node.entries.values()].some((entry) => usesSecrets(entry.node));
  }
}

/** Puts secrets into variables, and remembers every one it gave out. */
export class SecretFiller {
  readonly #given = new Map<string, Secret>();
  /** A group's variables are filled once, not once for each of its hosts. */
  readonly #filled = new Map<MapNode, MapNode>();
  readonly #source: SecretSource;
  readonly #findings: Findings;
  readonly #learn: (secrets: readonly Secret[]) => void;

  /** @param learn hears of each secret that is given out, once */
  constructor(
    source: SecretSource,
    findings: Findings,
    learn: (secrets: readonly Secret[]) => void = () => {},
  ) {
    this.#source = source;
    this.#findings = findings;
    this.#learn = learn;
  }

  get given(): readonly Secret[] {
    return [...this.#given.values()];
  }

  /** The map with secrets in their places; a value whose secret is missing is reported and left out. */
  fill(map: MapNode): MapNode {
    const filled = this.#filled.get(map) ?? this.#map(map);
    this.#filled.set(map, filled);
    return filled;
  }

  #map(map: MapNode): MapNode {
    const entries = new Map<string, MapEntry>();
    for (const [name, entry] of map.entries) {
      const node = this.#node(entry.node);
      if (node !== undefined) {
        entries.set(name, { ...entry, node });
      }
    }
    return { ...map, entries };
  }

  #node(node: VarNode): VarNode | undefined {
    switch (node.is) {
      case 'leaf':
        return this.#leaf(node);
      case 'list':
        return {
          ...node,
          items: node.items.map((item) => this.#node(item)).filter((item) => item !== undefined),
        };
      case 'map':
        return this.#map(node);
    }
  }

  #leaf(leaf: LeafNode): LeafNode | undefined {
    const { value } = leaf;
    if (typeof value !== 'string' || leaf.literal || !value.includes('${')) {
      return leaf;
    }
    const names: string[] = [];
    let complete = true;
    const text = value
      .split(ESCAPED)
      .map((part) =>
        part.replaceAll(REFERENCE, (_, name: string) => {
          const secret = this.#find(name, leaf.place);
          names.push(name);
          complete &&= secret !== undefined;
          return secret?.reveal() ?? '';
        }),
      )
      .join('${');
    if (names.length === 0) {
      return { ...leaf, value: text };
    }
    return complete ? { ...leaf, value: this.#give(text, names.join('+')) } : undefined;
  }

  #find(name: string, place: Place): Secret | undefined {
    const value = this.#source.values.get(name);
    if (value === undefined || value === '' || value.includes('\0')) {
      this.#report(name, place, value);
      return undefined;
    }
    return this.#give(value, name);
  }

  #report(name: string, place: Place, value: string | undefined): void {
    if (value === '') {
      this.#findings.add(place, `the secret ${name} is empty`, `write its value behind ${name}= in .env`);
      return;
    }
    if (value !== undefined) {
      this.#findings.add(place, `the secret ${name} holds a NUL byte, which no command can carry`);
      return;
    }
    const near = suggest(name, this.#source.values.keys());
    const hint = `add ${name}=… to .env; the text $\{${name}} itself is written $$\{${name}}`;
    this.#findings.add(place, `there is no secret ${name}`, near ? `did you mean ${near}?` : hint);
  }

  #give(value: string, name: string): Secret {
    const known = this.#given.get(value);
    if (known !== undefined) {
      return known;
    }
    const secret = new Secret(value, name);
    this.#given.set(value, secret);
    this.#learn([secret]);
    return secret;
  }
}
