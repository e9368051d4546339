import type { Origin, Place, Shadowed, Variables, VarPath } from '../core/inventory.ts';
import { placeOutside } from './source-text.ts';

/** A value and where it was written; the parts of a map or list know theirs. Immutable. */
export type VarNode = MapNode | ListNode | LeafNode;

interface NodeBase {
  readonly place: Place;
  /** What it hides, nearest first. */
  readonly shadows: readonly VarNode[];
}

export interface MapNode extends NodeBase {
  readonly is: 'map';
  readonly entries: ReadonlyMap<string, MapEntry>;
}

export interface MapEntry {
  readonly keyPlace: Place;
  readonly node: VarNode;
}

export interface ListNode extends NodeBase {
  readonly is: 'list';
  readonly items: readonly VarNode[];
}

export interface LeafNode extends NodeBase {
  readonly is: 'leaf';
  readonly value: unknown;
  /** Tagged `!unsafe`: `{{ }}` and `${ }` in it are plain text. */
  readonly literal?: boolean;
}

/** A map without entries, where layers start from. */
export function emptyMap(place: Place): MapNode {
  return { is: 'map', place, shadows: [], entries: new Map() };
}

/** The plain value of a node. */
export function plainValue(node: VarNode): unknown {
  switch (node.is) {
    case 'leaf':
      return node.value;
    case 'list':
      return node.items.map(plainValue);
    case 'map':
      return plainEntries(node);
  }
}

/** Nodes for a plain value that has one origin as a whole, such as a playbook's own variables. */
export function nodeOf(value: unknown, place: Place): VarNode {
  if (Array.isArray(value)) {
    return { is: 'list', place, shadows: [], items: value.map((item: unknown) => nodeOf(item, place)) };
  }
  if (isPlainObject(value)) {
    const entries = Object.entries(value).map(
      ([key, item]) => [key, { keyPlace: place, node: nodeOf(item, place) }] as const,
    );
    return { is: 'map', place, shadows: [], entries: new Map(entries) };
  }
  return { is: 'leaf', place, shadows: [], value };
}

/** `high` over `low`: maps merge by key, lists and scalars replace. */
export function mergeNodes(low: VarNode, high: VarNode): VarNode {
  // A map that already replaced a scalar stays a replacement, so merging is associative.
  if (low.is === 'map' && high.is === 'map' && high.shadows.length === 0) {
    return mergeMaps(low, high);
  }
  return { ...high, shadows: [...high.shadows, low, ...low.shadows] };
}

/** Layers merged, lowest precedence first. */
export function mergeLayers(layers: readonly MapNode[]): MapNode {
  return layers.reduce(mergeMaps, emptyMap(layers[0]?.place ?? placeOutside('nowhere')));
}

/** The entries of a map whose name passes. */
export function pickEntries(map: MapNode, passes: (name: string) => boolean): MapNode {
  return { ...map, entries: new Map([...map.entries].filter(([name]) => passes(name))) };
}

/** Variables of merged nodes. */
export class LoadedVariables implements Variables {
  readonly root: MapNode;
  #values: Readonly<Record<string, unknown>> | undefined;

  constructor(root: MapNode) {
    this.root = root;
  }

  get values(): Readonly<Record<string, unknown>> {
    return (this.#values ??= plainEntries(this.root));
  }

  /** Where a value was written; parts of a short form, such as the port of `*:8000`, where the whole was. */
  origin(path: VarPath): Origin | undefined {
    const wanted = steps(path);
    const node = this.#nearest(wanted);
    const isExact = node !== undefined && node === find(this.root, wanted)?.node;
    return isExact || node?.is === 'leaf' ? node.place.origin : undefined;
  }

  place(path: VarPath): Place | undefined {
    return this.#nearest(steps(path))?.place;
  }

  keyPlace(path: VarPath): Place | undefined {
    return find(this.root, steps(path))?.keyPlace ?? this.place(path);
  }

  shadows(path: VarPath): readonly Shadowed[] {
    const hidden = find(this.root, steps(path))?.node.shadows ?? [];
    return hidden.map((node) => ({ value: plainValue(node), origin: node.place.origin }));
  }

  /** The value itself, or the innermost map, list or value around it. */
  #nearest(path: readonly string[]): VarNode | undefined {
    for (let length = path.length; length > 0; length--) {
      const found = find(this.root, path.slice(0, length));
      if (found !== undefined) {
        return found.node;
      }
    }
    return undefined;
  }
}

/** Variables given as a plain object with one origin. */
export function variablesOf(values: Readonly<Record<string, unknown>>, origin: Origin): LoadedVariables {
  const node = nodeOf(values, placeOutside(origin));
  return new LoadedVariables(node.is === 'map' ? node : emptyMap(node.place));
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function mergeMaps(low: MapNode, high: MapNode): MapNode {
  const entries = new Map(low.entries);
  for (const [name, entry] of high.entries) {
    const below = entries.get(name);
    entries.set(name, below ? { ...entry, node: mergeNodes(below.node, entry.node) } : entry);
  }
  return { is: 'map', place: high.place, shadows: low.shadows, entries };
}

function plainEntries(map: MapNode): Record<string, unknown> {
  return Object.fromEntries([...map.entries].map(([name, entry]) => [name, plainValue(entry.node)]));
}

function steps(path: VarPath): readonly string[] {
  return typeof path === 'string' ? path.split('.') : path.map(String);
}

/** Tries `a`, then `a.b`, then `a.b.c` as the next key, since site names contain dots. */
function find(node: VarNode, path: readonly string[]): MapEntry | undefined {
  for (let taken = 1; taken <= path.length; taken++) {
    const next = child(node, path.slice(0, taken).join('.'));
    if (next !== undefined) {
      const found = taken === path.length ? next : find(next.node, path.slice(taken));
      if (found !== undefined) {
        return found;
      }
    }
  }
  return undefined;
}

function child(node: VarNode, key: string): MapEntry | undefined {
  if (node.is === 'map') {
    return node.entries.get(key);
  }
  const item = node.is === 'list' && /^\d+$/.test(key) ? node.items[Number(key)] : undefined;
  return item && { keyPlace: item.place, node: item };
}
