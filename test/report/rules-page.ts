import type { RoleRule } from '../../src/load/rules.ts';
import { wrap } from '../../src/report/layout.ts';
import { blocksOf } from '../../src/report/rule-text.ts';

const WIDTH = 118;

const ABOUT: Readonly<Record<string, string>> = {
  keepalived: 'The virtual IP',
  check_script: 'Health checks',
  nginx: 'nginx',
  haproxy: 'HAProxy',
};

/** docs/rules.md: every rule in full, by role. */
export function rulesPage(rules: readonly RoleRule[]): string {
  const roles = [...new Set(rules.map(({ role }) => role))];
  const sections = roles.map((role) => {
    const own = rules.filter((rule) => rule.role === role);
    return [`## ${ABOUT[role] ?? role}`, ...own.map(ruleSection)].join('\n\n');
  });
  return `${[INTRODUCTION, overview(rules), ...sections].join('\n\n')}\n`;
}

const INTRODUCTION = `# Rules

What is known to go wrong in pairs of this kind. \`run-playbook lint\` looks for all of it, in the variables and on the
hosts, and changes nothing; a run looks for the same before its first change. What is _refused_ ends the run with exit
code 5 before anything is touched; a _warning_ is shown with the plan. \`run-playbook explain HA101\` prints the same as
this page, offline.

Hosts are asked only when something is to be changed, and by \`lint\`: one command on each, 1.3 s. A run without changes
shows the warnings that the variables alone give.`;

function overview(rules: readonly RoleRule[]): string {
  const rows = rules.map(
    ({ code, level, title }) => [`[${code}](#${code.toLowerCase()})`, level, title] as const,
  );
  const head = ['code', '', ''] as const;
  const widths = [0, 1, 2].map((column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function ruleSection({ code, level, title, why, fix }: RoleRule): string {
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
