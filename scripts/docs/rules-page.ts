import type { Rule } from '../../src/core/lint.ts';
import type { Role } from '../../src/core/role.ts';
import { wrap } from '../../src/report/layout.ts';
import { blocksOf } from '../../src/report/rule-text.ts';

const WIDTH = 118;

const ABOUT: Readonly<Record<string, string>> = {
  keepalived: 'The virtual IP',
  check_script: 'Health checks',
  nginx: 'nginx',
  haproxy: 'HAProxy',
};

/** Every rule in full, by code; a section for each role. */
export function rulesPage(roles: readonly Role[]): string {
  const sections = roles
    .flatMap(({ name, rules = [] }) => (rules.length === 0 ? [] : [{ name, rules: rules.toSorted(byCode) }]))
    .toSorted((a, b) => ((a.rules[0]?.code ?? '') < (b.rules[0]?.code ?? '') ? -1 : 1));
  const texts = sections.map(({ name, rules }) =>
    [`## ${ABOUT[name] ?? name}`, ...rules.map(ruleSection)].join('\n\n'),
  );
  return [INTRODUCTION, overview(sections.flatMap(({ rules }) => rules)), ...texts].join('\n\n');
}

function byCode(a: Rule, b: Rule): number {
  return a.code < b.code ? -1 : 1;
}

const INTRODUCTION = `# Rules

What is known to go wrong in pairs of this kind. \`run-playbook lint\` looks for all of it, in the variables and on the
hosts, and changes nothing; a run looks for the same before its first change. What is _refused_ ends the run with exit
code 5 before anything is touched; a _warning_ is shown with the plan. \`run-playbook explain HA101\` prints the same as
this page, offline.

Hosts are asked only when something is to be changed, and by \`lint\`: one command on each, 1.3 s. A run without changes
shows the warnings that the variables alone give.`;

function overview(rules: readonly Rule[]): string {
  const rows = rules.map(
    ({ code, level, title }) => [`[${code}](#${code.toLowerCase()})`, level, title] as const,
  );
  const head = ['code', '', ''] as const;
  const widths = [0, 1, 2].map((column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function ruleSection({ code, level, title, why, fix }: Rule): string {
  return [`### ${code}`, `_${level}_: ${title}.`, markdown(why), '**Do:**', markdown(fix)].join('\n\n');
}

function markdown(text: string): string {
  const blocks = blocksOf(text).map((block) =>
    block.is === 'code'
      ? ['```' + language(block.text), block.text, '```']
      : wrap(escaped(block.text), WIDTH),
  );
  return blocks.map((lines) => lines.join('\n')).join('\n\n');
}

function language(code: string): string {
  return /^[a-z_]+:/.test(code) ? 'yaml' : '';
}

/** Signs that Markdown would take for its own. */
function escaped(text: string): string {
  return text.replaceAll(/[*_<>|]/g, String.raw`\$&`);
}
