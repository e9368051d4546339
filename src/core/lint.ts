/** Something that is known to go wrong in clusters of this kind, with the long form for `explain`. */
export interface Rule {
  /** `HA101`; never reused. */
  readonly code: string;
  /** One line: `nopreempt with a weight never moves the VIP`. */
  readonly title: string;
  /** `refuse` ends the run before anything is touched, `warn` is shown with the plan. */
  readonly level: 'refuse' | 'warn';
  /** What happens, with what was measured; paragraphs separated by an empty line. */
  readonly why: string;
  readonly fix: string;
}

/** A rule that the variables, or the hosts, break. */
export interface Objection {
  /** Code of the rule, `HA101`. */
  readonly rule?: string;
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
