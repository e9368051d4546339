import type { Finding, IgnoreRule } from '../core/drift.ts';

export interface Sifted {
  readonly reported: readonly Finding[];
  readonly ignored: readonly { readonly finding: Finding; readonly rule: IgnoreRule }[];
  /** Rules whose last day is over. */
  readonly expired: readonly IgnoreRule[];
}

/** Parts findings that a rule of the inventory's covers from the others; a rule counts on its last day still. */
export function sift(findings: readonly Finding[], rules: readonly IgnoreRule[], now: Date): Sifted {
  const today = now.toISOString().slice(0, 10);
  const isOver = ({ until }: IgnoreRule) => until !== undefined && until < today;
  const current = rules.filter((rule) => !isOver(rule));
  const judged = findings.map((finding) => ({
    finding,
    rule: current.find((rule) => covers(rule, finding)),
  }));
  return {
    reported: judged.flatMap(({ finding, rule }) => (rule === undefined ? [finding] : [])),
    ignored: judged.flatMap(({ finding, rule }) => (rule === undefined ? [] : [{ finding, rule }])),
    expired: rules.filter(isOver),
  };
}

function covers(rule: IgnoreRule, { host = '', class: is, item }: Finding): boolean {
  return (
    matches(rule.host, host) && (rule.class === undefined || rule.class === is) && matches(rule.item, item)
  );
}

/** Whether `text` is what a pattern with `*` says. */
export function matches(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined) {
    return true;
  }
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
