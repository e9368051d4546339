import type { Trouble } from './error.ts';
import type { Place } from './inventory.ts';

/** Something that is known to go wrong in clusters of this kind, with the long form for `explain`. */
export interface Rule {
  /** `HA101`; never reused. */
  readonly code: string;
  /** One line: `nopreempt with a weight never moves the VIP`. */
  readonly title: string;
  /** `refuse` ends the run before anything is touched, `warn` is shown with the plan. */
  readonly level: 'refuse' | 'warn';
  /** What happens, with what was measured; paragraphs separated by an empty line, indented as the code around it. */
  readonly why: string;
  /** What to do, in the same form; what is indented further is to be copied. */
  readonly fix: string;
}

/** A rule that the variables, or the hosts, break. */
export interface Objection {
  /** Code of the rule, `HA101`. */
  readonly rule: string;
  /** The variable it is about: `keepalived.vips.0.address`. */
  readonly path: string;
  readonly what: string;
  readonly hint?: string;
}

/** An objection as it is shown: with its rule's level and where it was written. */
export interface LintFinding {
  readonly code: string;
  readonly level: Rule['level'];
  readonly title: string;
  /** Absent when it is about the cluster as a whole. */
  readonly host?: string;
  readonly path: string;
  readonly what: string;
  readonly hint?: string;
  /** `inventory/hosts.yml:12:9` */
  readonly from?: string;
  /** The line it is about with a caret. */
  readonly excerpt?: readonly string[];
}

/** Where an objection comes from: whose rules it is about, which host's variables. */
export interface ObjectionOrigin {
  readonly rules: readonly Rule[];
  readonly host: string;
  readonly place: Place | undefined;
}

/**
 * An objection with what its rule says.
 *
 * @throws Error no rule has its code: the role that made it is wrong
 */
export function findingOf({ rule: code, path, what, hint }: Objection, origin: ObjectionOrigin): LintFinding {
  const rule = origin.rules.find((candidate) => candidate.code === code);
  if (rule === undefined) {
    throw new Error(`objects to ${path} by ${code}, which is none of its rules`);
  }
  const { excerpt = [], origin: from } = origin.place ?? {};
  return {
    code: rule.code,
    level: rule.level,
    title: rule.title,
    host: origin.host,
    path,
    what,
    ...(hint !== undefined && { hint }),
    ...(from !== undefined && { from }),
    ...(excerpt.length > 0 && { excerpt }),
  };
}

/** A group's variable is wrong on each of its hosts: told once, and then of no single one. */
export function mergeHosts(findings: readonly LintFinding[]): readonly LintFinding[] {
  const merged = new Map<string, LintFinding>();
  for (const finding of findings) {
    const { host, ...rest } = finding;
    const key = JSON.stringify([rest.code, rest.path, rest.what, rest.from]);
    const before = merged.get(key);
    merged.set(key, before === undefined || before.host === host ? finding : rest);
  }
  return [...merged.values()];
}

/** A finding of level `refuse` as the error that ends a run. */
export function refusalOf({ code, host, path, what, hint, from, excerpt }: LintFinding): Trouble {
  return { code, host, what: `${path}: ${what}`, why: excerpt, from, hint };
}

/** What ends a run, and what is only shown with its plan. */
export function byLevel<T extends Pick<Rule, 'level'>>(
  findings: readonly T[],
): Readonly<Record<Rule['level'], readonly T[]>> {
  return {
    refuse: findings.filter(({ level }) => level === 'refuse'),
    warn: findings.filter(({ level }) => level === 'warn'),
  };
}
