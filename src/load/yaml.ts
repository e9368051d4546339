import type { Alias, Document, Node, Pair, Scalar, YAMLMap } from 'yaml';
import type { Place } from '../core/inventory.ts';
import { Findings } from './findings.ts';
import { SourceText } from './source-text.ts';
import { emptyMap, type LeafNode, type MapEntry, type MapNode, type VarNode } from './variables.ts';
import { DEEPEST, isTooDeep } from './yaml-depth.ts';
import { JINJA_HINT, reportFaults, type ParsedYaml } from './yaml-faults.ts';

const JINJA = /\{\{|\{%/;
/** No file, argument or environment of a host can hold it. */
const UNSPEAKABLE = /[\0\p{Cs}]/u;
/** Nobody writes more by hand; a few aliases of aliases make billions. */
const MOST_NODES = 100_000;
/** With aliases: what follows values to their ends does so by recursion. */
const MOST_LEVELS = 5 * DEEPEST;

/**
 * One YAML document as nodes that know their places; undefined when it is empty or what it says was reported.
 *
 * YAML 1.2, plus `yes`, `no`, `on` and `off` as Ansible's YAML reads them. What the two would silently read
 * differently (`0644`) is an error.
 */
export async function parseYaml(source: SourceText, findings: Findings): Promise<VarNode | undefined> {
  const yaml = await import('yaml');
  if (isTooDeep(yaml, source.text)) {
    findings.add(
      source.place(0),
      `${source.name} has lists and maps in each other, more than ${DEEPEST} deep`,
    );
    return undefined;
  }
  const document = yaml.parseDocument(source.text, {
    prettyErrors: false,
    stringKeys: true,
    // 'silent' would also accept a second document without a word.
    logLevel: 'error',
    customTags: ['!unsafe', '!vault'].map((tag) => ({ tag, resolve: (text: string) => text })),
  });
  const readable = reportFaults(source, { yaml, document }, findings);
  if (!readable || document.contents === null) {
    return undefined;
  }
  return new Reader(source, findings, { yaml, document }).node(document.contents);
}

/** The top-level map of a YAML file; an empty file is an empty map. */
export async function parseYamlMap(source: SourceText, findings: Findings): Promise<MapNode> {
  const before = findings.count;
  const node = await parseYaml(source, findings);
  if (node?.is === 'map') {
    return node;
  }
  const empty = node === undefined || (node.is === 'leaf' && node.value === null);
  if (!empty && findings.count === before) {
    findings.add(node.place, `${source.name} should be a map of names to values, is ${kindOf(node)}`);
  }
  return emptyMap(source.place(0));
}

/** A value on a command line, read as YAML: `8080`, `[80, 443]`, `true`. */
export async function parseYamlValue(
  text: string,
  place: Place,
  findings: Findings,
): Promise<VarNode | undefined> {
  const inside = new Findings();
  const node = await parseYaml(new SourceText(place.origin, text), inside);
  if (inside.count > 0) {
    findings.add(place, 'the value cannot be read as YAML', 'put it in quotes');
    return undefined;
  }
  return node ?? { is: 'leaf', place, shadows: [], value: '' };
}

/** What an error calls a node: `a list`, `a map`, `a text`, `empty`. */
export function kindOf(node: VarNode): string {
  if (node.is !== 'leaf') {
    return `a ${node.is}`;
  }
  if (node.value === null) {
    return 'empty';
  }
  return typeof node.value === 'string' ? 'a text' : `a ${typeof node.value}`;
}

/** Turns yaml's nodes into ours; a node that was reported as wrong is left out. */
class Reader {
  readonly #source: SourceText;
  readonly #findings: Findings;
  readonly #yaml: ParsedYaml['yaml'];
  readonly #document: Document;
  /** Aliases being followed, so that one inside its own anchor ends. */
  readonly #following = new Set<Node>();
  readonly #targets = new Map<Alias, Node | undefined>();
  #depth = 0;
  #nodes = 0;

  constructor(source: SourceText, findings: Findings, parsed: ParsedYaml) {
    this.#source = source;
    this.#findings = findings;
    this.#yaml = parsed.yaml;
    this.#document = parsed.document;
  }

  /** @param emptyAt where a value that is not there would be, such as its key */
  node(node: unknown, emptyAt?: Place): VarNode | undefined {
    this.#nodes += 1;
    if (this.#depth > MOST_LEVELS || this.#nodes > MOST_NODES) {
      this.#refuseSize();
      return undefined;
    }
    this.#depth += 1;
    const read = this.#node(node, emptyAt);
    this.#depth -= 1;
    return read;
  }

  #refuseSize(): void {
    const hint = 'aliases (*name) of what holds aliases multiply it: write less, or several files';
    this.#findings.add(this.#source.place(0), `${this.#source.name} says too much to be read`, hint);
  }

  #node(node: unknown, emptyAt: Place | undefined): VarNode | undefined {
    const yaml = this.#yaml;
    if (yaml.isAlias(node)) {
      return this.#aliased(node, this.#target(node));
    }
    if (yaml.isMap<Node, Node | null>(node)) {
      return this.#map(node);
    }
    if (yaml.isSeq(node)) {
      const items = node.items.map((item) => this.node(item)).filter((item) => item !== undefined);
      return { is: 'list', place: this.#place(node), shadows: [], items };
    }
    return this.#scalar(yaml.isScalar(node) ? node : undefined, emptyAt);
  }

  /** Looked for only once: each time all of the document is gone through. */
  #target(alias: Alias): Node | undefined {
    const target = this.#targets.has(alias) ? this.#targets.get(alias) : alias.resolve(this.#document);
    this.#targets.set(alias, target);
    return target;
  }

  #aliased(alias: Alias, target: Node | undefined): VarNode | undefined {
    if (target === undefined || this.#following.has(target)) {
      this.#findings.add(this.#place(alias), `*${alias.source} has no anchor &${alias.source} before it`);
      return undefined;
    }
    this.#following.add(target);
    const node = this.node(target);
    this.#following.delete(target);
    return node;
  }

  #map(map: YAMLMap<Node, Node | null>): MapNode | undefined {
    // Already reported: `{{ name }}` without quotes is a map in a map to YAML.
    if (map.items.some((pair) => !this.#yaml.isScalar(pair.key))) {
      return undefined;
    }
    const entries = new Map<string, MapEntry>();
    for (const pair of map.items) {
      const name = this.#yaml.isScalar(pair.key) ? String(pair.key.value) : '';
      const keyPlace = this.#place(pair.key);
      if (JINJA.test(name)) {
        this.#findings.add(keyPlace, 'the name is a Jinja expression', JINJA_HINT);
        continue;
      }
      if (this.#isUnspeakable(name, keyPlace)) {
        continue;
      }
      const node = this.node(pair.value, keyPlace);
      if (node !== undefined && !this.#isMergeKey(pair)) {
        entries.set(name, { keyPlace, node });
      }
    }
    for (const pair of map.items) {
      this.#mergeKey(pair, entries);
    }
    return { is: 'map', place: this.#place(map), shadows: [], entries };
  }

  /** In quotes it is a name like any other. */
  #isMergeKey({ key }: Pair<Node, Node | null>): boolean {
    return this.#yaml.isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
  }

  /** `<<: *anchor`: what the map itself says wins. */
  #mergeKey(pair: Pair<Node, Node | null>, entries: Map<string, MapEntry>): void {
    if (!this.#isMergeKey(pair)) {
      return;
    }
    const node = this.node(pair.value);
    for (const part of node?.is === 'list' ? node.items : [node]) {
      if (part?.is === 'map') {
        part.entries.forEach((entry, name) => entries.has(name) || entries.set(name, entry));
      } else if (part !== undefined) {
        this.#findings.add(this.#place(pair.key), `<< should name a map, is ${kindOf(part)}`);
      }
    }
  }

  #isUnspeakable(text: string, place: Place): boolean {
    const isIt = UNSPEAKABLE.test(text);
    if (isIt) {
      this.#findings.add(
        place,
        'holds NUL or half a character, which cannot be sent to a host',
        'leave it out',
      );
    }
    return isIt;
  }

  #scalar(scalar: Scalar | undefined, emptyAt: Place | undefined): LeafNode | undefined {
    const value = scalar?.value ?? null;
    const place = value === null && emptyAt !== undefined ? emptyAt : this.#place(scalar);
    if (typeof value === 'string' && this.#isUnspeakable(value, place)) {
      return undefined;
    }
    const leaf = { is: 'leaf', place, shadows: [], value } as const;
    if (scalar?.tag === '!unsafe') {
      return { ...leaf, literal: true };
    }
    if (scalar?.tag === '!vault') {
      const hint = 'put the value into .env and write ${NAME} here';
      this.#findings.add(place, 'Ansible Vault is not supported yet', hint);
      return undefined;
    }
    if (typeof value === 'string' && JINJA.test(value)) {
      this.#findings.add(place, 'the value is a Jinja expression', JINJA_HINT);
      return undefined;
    }
    if (scalar?.type !== 'PLAIN') {
      return leaf;
    }
    if (typeof value === 'number' && /^[-+]?0\d/.test(scalar.source ?? '')) {
      const hint = `'${scalar.source}' in quotes is a text; a number is written without leading zeros`;
      this.#findings.add(place, `${scalar.source} could be meant as octal or as decimal`, hint);
      return undefined;
    }
    const isYesNo = typeof value === 'string' && /^(?:yes|no|on|off)$/i.test(value);
    return isYesNo ? { ...leaf, value: /^(?:yes|on)$/i.test(value) } : leaf;
  }

  #place(node: Node | undefined): Place {
    return this.#source.place(node?.range?.[0] ?? 0);
  }
}
