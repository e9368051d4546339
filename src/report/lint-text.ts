import { byLevel, type LintFinding } from '../core/lint.ts';
import type { LintResult, PlaybookFinding } from '../core/lint-result.ts';
import type { Ink } from './ink.ts';
import { hang } from './layout.ts';
import { count, duration, hostNames, thousands } from './phrases.ts';
import { troubleText } from './trouble-text.ts';

/** The warnings of a plan, a paragraph each; empty without any. */
export function warningsText(warnings: readonly LintFinding[], ink: Ink): string {
  return warnings
    .map((warning) => {
      const said = `${ink.line(findingText(warning))}  (run-playbook explain ${ink.line(warning.code)})`;
      const [first = '', ...rest] = hang(`! ${ink.line(warning.code)}  `, said, ink.width).split('\n');
      return [ink.yellow(first), ...rest].join('\n');
    })
    .join('\n');
}

/** `svr2 keepalived.version: is 2, and 3 on svr1` */
export function findingText({ host, path, what }: LintFinding): string {
  return `${host === undefined ? '' : `${host} `}${path}: ${what}`;
}

/** What was found, what is refused first, and on the last line how much of it. */
export function lintText(result: LintResult, ink: Ink): string {
  const findings = result.findings.map((finding) => findingBlock(finding, result, ink));
  const troubles = result.troubles.map((trouble) => troubleText(trouble, ink));
  return `${[...findings, ...troubles, closingLine(result, ink)].join('\n\n')}\n`;
}

/** A finding in the shape of the house: where and what, then why, from, do. */
function findingBlock(finding: PlaybookFinding, { playbooks }: LintResult, ink: Ink): string {
  const { code, level, excerpt = [], from, hint } = finding;
  const brush = level === 'refuse' ? ink.red : ink.yellow;
  const isOfAll = finding.playbooks.length === playbooks.length;
  const label = isOfAll ? '' : `  (${ink.line(finding.playbooks.join(', '))})`;
  const [first = '', ...more] = hang(
    `${ink.line(code)} ${level.padEnd(6)}  `,
    `${ink.line(findingText(finding))}${label}`,
    ink.width,
  ).split('\n');
  const rows = [
    ...excerpt.map((line, index) => [index === 0 ? 'why' : '', ink.line(line)] as const),
    ...(from === undefined ? [] : [['from', ink.line(from)] as const]),
    ...(hint === undefined ? [] : [['do', ink.line(hint)] as const]),
  ];
  return [
    ink.bold(brush(first)),
    ...more,
    ...rows.map(([name, text]) => `  ${ink.dim(name.padEnd(5))} ${text}`.trimEnd()),
  ].join('\n');
}

function closingLine(result: LintResult, ink: Ink): string {
  const { refuse, warn } = byLevel(result.findings);
  const [first] = result.findings;
  const counted = [
    ...(refuse.length === 0 ? [] : [`${thousands(refuse.length)} refused`]),
    ...(warn.length === 0 ? [] : [count(warn.length, 'warning')]),
    ...(result.troubles.length === 0 ? [] : [count(result.troubles.length, 'error')]),
  ];
  const found = counted.length === 0 ? ink.green('nothing found') : ink.bold(counted.join(', '));
  const asked = result.surveyed.length === 0 ? 'no host asked' : `${hostNames(result.surveyed)} asked`;
  const names = result.playbooks.length === 0 ? 'no playbook' : result.playbooks.join(', ');
  const scope = `${ink.line(names)}: ${found}; ${count(result.rules, 'rule')}, ${ink.line(asked)}`;
  const advice =
    first === undefined ? [] : [`What a code means: run-playbook explain ${ink.line(first.code)}`];
  return [`lint ${scope} (${duration(result.ms)})`, ...advice].join('\n');
}
