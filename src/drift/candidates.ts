import type { Finding } from '../core/drift.ts';

/** A variable and a value that may be what was found on a host. */
export interface Candidate {
  /** Below the role's name. */
  readonly path: readonly string[];
  readonly value: string | number | boolean;
}

/** So many are tried for one finding. */
const MOST = 20;

/**
 * Variables of a role that may express what was found; whether one does is known by planning with it.
 *
 * @param vars the role's bound variables, defaults included
 */
export function candidatesFor(finding: Finding, vars: unknown): readonly Candidate[] {
  const found = finding.class === 'package' ? packageCandidates(finding) : textCandidates(finding, vars);
  const distinct = new Map(found.map((candidate) => [JSON.stringify(candidate), candidate]));
  return [...distinct.values()].slice(0, MOST);
}

function packageCandidates({ item, found }: Finding): readonly Candidate[] {
  return item.endsWith(' hold')
    ? [{ path: ['install', 'hold'], value: found === 'held' }]
    : [{ path: ['install', 'version'], value: found }];
}

/** Words that stand in a file where others were declared: those that a variable holds as declared. */
function textCandidates({ diff }: Finding, vars: unknown): readonly Candidate[] {
  const [found, declared] = [diff?.before, diff?.after].map((text) => text?.split('\n') ?? []);
  if (found === undefined || declared === undefined || found.length !== declared.length) {
    return [];
  }
  const leaves = leavesOf(vars, []);
  return declared.flatMap((line, index) => {
    const [was, is] = [line, found[index] ?? ''].map(wordsOf);
    if (was === undefined || is === undefined || was.length !== is.length) {
      return [];
    }
    return was.flatMap((word, position) => {
      const other = is[position] ?? '';
      return word === other ? [] : leaves.flatMap((leaf) => candidateAt(leaf, word, other));
    });
  });
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: string | number | boolean;
}

function leavesOf(value: unknown, path: readonly string[]): readonly Leaf[] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return [{ path, value }];
  }
  // Lists are replaced as a whole: what was found is no list.
  const isMap =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isMap ? Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name])) : [];
}

function candidateAt({ path, value }: Leaf, declared: string, found: string): readonly Candidate[] {
  if (!spellings(value).includes(declared)) {
    return [];
  }
  if (typeof value === 'number') {
    return /^\d+(\.\d+)?$/.test(found) ? [{ path, value: Number(found) }] : [];
  }
  if (typeof value === 'boolean') {
    return ['on', 'off', 'true', 'false', 'yes', 'no'].includes(found)
      ? [{ path, value: ['on', 'true', 'yes'].includes(found) }]
      : [];
  }
  return [{ path, value: found }];
}

function spellings(value: Leaf['value']): readonly string[] {
  return typeof value === 'boolean'
    ? value
      ? ['on', 'true', 'yes']
      : ['off', 'false', 'no']
    : [String(value)];
}

/** What stands between blanks and the marks that nginx, keepalived and HAProxy end their words with. */
function wordsOf(line: string): readonly string[] {
  return line.trim().split(/[\s;"{}]+/);
}
