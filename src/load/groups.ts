import type { Place } from '../core/inventory.ts';
import { suggest } from '../core/suggest.ts';
import type { Findings } from './findings.ts';
import type { MapEntry, MapNode, VarNode } from './variables.ts';
import { kindOf } from './yaml.ts';

/** What an inventory file says, before anything is merged. */
export interface RawInventory {
  readonly groups: ReadonlyMap<string, RawGroup>;
  /** In the order they are first named. */
  readonly hosts: ReadonlyMap<string, RawHost>;
}

export interface RawGroup {
  readonly name: string;
  readonly place: Place;
  /** In the order read; a later one wins. */
  readonly vars: MapNode[];
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  readonly parents: Set<string>;
}

export interface RawHost {
  readonly name: string;
  readonly place: Place;
  readonly vars: MapNode[];
}

/** A host as it is named here and reached: a name or an address; it becomes part of paths, options and files. */
export const HOST_NAME = /^[\w:][\w.:%-]*$/;

const GROUP_KEYS = ['hosts', 'children', 'vars'];

/** Groups and hosts of Ansible's YAML inventory: top-level keys are groups, all of them below `all`. */
export function readGroups(root: MapNode, findings: Findings): RawInventory {
  const reader = new GroupReader(findings);
  const all = reader.group('all', root.place);
  for (const [name, entry] of root.entries) {
    if (GROUP_KEYS.includes(name)) {
      findings.add(entry.keyPlace, `${name} stands outside of any group`, `indent it below all:`);
      continue;
    }
    reader.readGroup(name, entry);
  }
  for (const group of reader.groups.values()) {
    if (group.parents.size === 0 && group !== all) {
      all.children.add(group.name);
      group.parents.add('all');
    }
  }
  reportCycles(reader.groups, findings);
  return reader;
}

/**
 * Groups in the order their variables apply: by depth, then `ansible_group_priority`, then name; as in Ansible,
 * the later wins.
 */
export function sortGroups(
  groups: readonly RawGroup[],
  all: ReadonlyMap<string, RawGroup>,
): readonly RawGroup[] {
  const known = new Map<RawGroup, number>();
  const keys = new Map(groups.map((group) => [group, [depth(group, all, known), priority(group)] as const]));
  return groups.toSorted((a, b) => {
    const [depthA = 0, priorityA = 0] = keys.get(a) ?? [];
    const [depthB = 0, priorityB = 0] = keys.get(b) ?? [];
    return depthA - depthB || priorityA - priorityB || (a.name < b.name ? -1 : 1);
  });
}

/** A group with all groups above it. */
export function withAncestors(group: RawGroup, all: ReadonlyMap<string, RawGroup>): ReadonlySet<RawGroup> {
  const found = new Set<RawGroup>();
  const visit = (current: RawGroup): void => {
    if (!found.has(current)) {
      found.add(current);
      current.parents.forEach((name) => visit(all.get(name) ?? current));
    }
  };
  visit(group);
  return found;
}

class GroupReader implements RawInventory {
  readonly groups = new Map<string, RawGroup>();
  readonly hosts = new Map<string, RawHost>();
  readonly #findings: Findings;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  group(name: string, place: Place): RawGroup {
    const known = this.groups.get(name);
    if (known !== undefined) {
      return known;
    }
    const group = {
      name,
      place,
      vars: [],
      hosts: new Set<string>(),
      children: new Set<string>(),
      parents: new Set<string>(),
    };
    this.groups.set(name, group);
    return group;
  }

  readGroup(name: string, { keyPlace, node }: MapEntry): RawGroup {
    const group = this.group(name, keyPlace);
    for (const [key, entry] of this.#map(`the group ${name}`, node)) {
      if (key === 'hosts') {
        this.#readHosts(group, entry.node);
      } else if (key === 'children') {
        this.#readChildren(group, entry.node);
      } else if (key === 'vars') {
        this.#addVars(group.vars, `the vars of group ${name}`, entry.node);
      } else {
        this.#unknownKey(group, key, entry);
      }
    }
    return group;
  }

  #readHosts(group: RawGroup, node: VarNode): void {
    for (const [name, entry] of this.#map(`the hosts of group ${group.name}`, node)) {
      if (this.#isHostName(name, entry.keyPlace)) {
        const host = this.hosts.get(name) ?? { name, place: entry.keyPlace, vars: [] };
        this.hosts.set(name, host);
        group.hosts.add(name);
        this.#addVars(host.vars, `the host ${name}`, entry.node);
      }
    }
  }

  #readChildren(group: RawGroup, node: VarNode): void {
    for (const [name, entry] of this.#map(`the children of group ${group.name}`, node)) {
      if (name === 'all') {
        this.#findings.add(entry.keyPlace, 'the group all is above every other group and cannot be a child');
        continue;
      }
      this.readGroup(name, entry).parents.add(group.name);
      group.children.add(name);
    }
  }

  #addVars(to: MapNode[], what: string, node: VarNode): void {
    if (node.is === 'map') {
      to.push(node);
    } else {
      this.#map(what, node);
    }
  }

  /** The entries of what should be a map; a list gets the hint most newcomers need. */
  #map(what: string, node: VarNode): Iterable<[string, MapEntry]> {
    if (node.is === 'map') {
      return node.entries;
    }
    if (node.is !== 'leaf' || node.value !== null) {
      const hint = node.is === 'list' ? 'write "name:" instead of "- name"' : 'write "name: value" below it';
      this.#findings.add(node.place, `${what} should be a map, is ${kindOf(node)}`, hint);
    }
    return [];
  }

  #isHostName(name: string, place: Place): boolean {
    if (/[[\]]/.test(name)) {
      this.#findings.add(place, `the range ${name} is not supported yet`, 'write one line per host');
      return false;
    }
    if (/^[^:]+:\d+$/.test(name)) {
      this.#findings.add(place, `${name}: the port is not part of the name`, 'write it as ansible_port');
      return false;
    }
    // What every object has would be found where hosts are looked up by name.
    if (!HOST_NAME.test(name) || name in Object.prototype) {
      this.#findings.add(
        place,
        `${JSON.stringify(name)} is not a host name`,
        'use letters, digits, . _ and -, the first a letter or digit',
      );
      return false;
    }
    return true;
  }

  #unknownKey(group: RawGroup, key: string, entry: MapEntry): void {
    const near = suggest(key, GROUP_KEYS);
    this.#findings.add(
      entry.keyPlace,
      `${key} cannot stand in group ${group.name}, which has only hosts, children and vars`,
      near ? `did you mean ${near}?` : 'a variable belongs below vars:, a group below children:',
    );
  }
}

function reportCycles(groups: ReadonlyMap<string, RawGroup>, findings: Findings): void {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const at = path.indexOf(name);
    const group = groups.get(name);
    if (at !== -1) {
      const loop = [...path.slice(at), name].join(' > ');
      findings.add(group?.place, `the group ${name} is its own child: ${loop}`, 'remove one of the children');
      return;
    }
    if (!done.has(name)) {
      group?.children.forEach((child) => visit(child, [...path, name]));
      done.add(name);
    }
  };
  [...groups.keys()].forEach((name) => visit(name, []));
}

function depth(group: RawGroup, all: ReadonlyMap<string, RawGroup>, known: Map<RawGroup, number>): number {
  const told = known.get(group);
  if (told !== undefined) {
    return told;
  }
  // A cycle is reported elsewhere; here it only has to end.
  known.set(group, 0);
  const above = [...group.parents].map((name) => all.get(name)).filter((parent) => parent !== undefined);
  const found = Math.max(-1, ...above.map((parent) => depth(parent, all, known))) + 1;
  known.set(group, found);
  return found;
}

function priority(group: RawGroup): number {
  const node = group.vars
    .findLast((vars) => vars.entries.has('ansible_group_priority'))
    ?.entries.get('ansible_group_priority')?.node;
  return node?.is === 'leaf' ? Number(node.value) : 1;
}
