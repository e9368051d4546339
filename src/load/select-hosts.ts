import { InvalidInput, type Trouble } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import { matchesWildcard } from '../core/wildcard.ts';
import { suggestionFor } from '../core/suggest.ts';

/**
 * The hosts a playbook's `hosts` names, narrowed by `--limit`, in inventory order.
 *
 * Both are Ansible patterns: names, groups, wildcards (`svr*`), lists by comma or colon, `!not these`, `&and these`.
 *
 * @throws InvalidInput an unknown host or group, or a pattern that leaves no host
 */
export function selectHosts(inventory: Inventory, hosts: string, limit?: string): readonly string[] {
  const chosen = matchPattern(inventory, hosts, 'playbook hosts');
  if (limit === undefined) {
    return chosen;
  }
  const limited = new Set(matchPattern(inventory, limit, '--limit'));
  const left = chosen.filter((name) => limited.has(name));
  if (left.length === 0) {
    throw new InvalidInput([
      {
        what: `--limit ${limit}: no host of ${hosts} is left`,
        from: '--limit',
        hint: `${hosts} is ${chosen.join(', ')}`,
      },
    ]);
  }
  return left;
}

function matchPattern(inventory: Inventory, pattern: string, from: string): readonly string[] {
  const terms = pattern.split(pattern.includes(',') ? ',' : ':').map((term) => term.trim());
  const troubles: Trouble[] = [];
  const sets = terms
    .filter((term) => term !== '')
    .map((term) => {
      const [sign, name] = /^[!&]/.test(term) ? [term.charAt(0), term.slice(1)] : ['', term];
      const result = matchTerm(inventory, name);
      if (!(result instanceof Set)) {
        troubles.push({ ...result, what: `${from} ${pattern}: ${result.what}`, from: inventory.source });
        return { sign, members: new Set<string>() };
      }
      return { sign, members: result };
    });
  if (troubles.length > 0) {
    throw new InvalidInput(troubles);
  }
  const added = sets.filter(({ sign }) => sign === '');
  const found = [...inventory.hosts.keys()].filter(
    (host) =>
      // Only exclusions and intersections: they narrow all hosts, as in Ansible.
      (added.length === 0 || added.some(({ members }) => members.has(host))) &&
      sets.every(({ sign, members }) => sign === '' || members.has(host) === (sign === '&')),
  );
  if (found.length === 0) {
    throw new InvalidInput([
      { what: `${from} ${pattern}: matches no host`, from: inventory.source, hint: known(inventory) },
    ]);
  }
  return found;
}

function matchTerm(inventory: Inventory, term: string): Set<string> | Trouble {
  if (term.startsWith('~') || /[[\]]/.test(term)) {
    return { what: `${term} is not supported yet`, hint: 'name the hosts, or use a wildcard such as svr*' };
  }
  const { hosts, groups } = inventory;
  if (!/[*?]/.test(term)) {
    if (!hosts.has(term) && !groups.has(term)) {
      const hint = suggestionFor(term, [...hosts.keys(), ...groups.keys()], 'known');
      return { what: `there is no host or group ${term}`, hint };
    }
    return new Set([...(hosts.has(term) ? [term] : []), ...(groups.get(term) ?? [])]);
  }
  const matching = [...hosts.keys(), ...groups.keys()].filter((name) => matchesWildcard(term, name));
  if (matching.length === 0) {
    return { what: `no host or group matches ${term}`, hint: known(inventory) };
  }
  return new Set(
    matching.flatMap((name) => [...(hosts.has(name) ? [name] : []), ...(groups.get(name) ?? [])]),
  );
}

function known(inventory: Inventory): string {
  return `known: ${[...inventory.hosts.keys(), ...inventory.groups.keys()].join(', ')}`;
}
