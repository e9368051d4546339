import type { Rule } from '../core/lint.ts';
import type { Ink } from './ink.ts';
import { columns, hang, PARAGRAPH_WIDTH } from './layout.ts';

/** A part of a rule's text: prose to be wrapped, or lines that stay as they are. */
export interface Block {
  readonly is: 'prose' | 'code';
  readonly text: string;
}

/**
 * The parts of a rule's `why` or `fix`: paragraphs are separated by an empty line, and one that is indented more
 * than the rest is code, such as YAML to be copied.
 */
export function blocksOf(text: string): readonly Block[] {
  return withoutMargin(text)
    .replaceAll(/^\n+|\s+$/g, '')
    .split(/\n{2,}/)
    .map((block) =>
      block.startsWith('  ')
        ? { is: 'code', text: block.replaceAll(/^ {2}/gm, '') }
        : { is: 'prose', text: block.replaceAll(/\s*\n\s*/g, ' ') },
    );
}

/** `text` without the indentation that all of its lines have. */
function withoutMargin(text: string): string {
  const margins = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length);
  const margin = margins.length === 0 ? 0 : Math.min(...margins);
  return text.replaceAll(new RegExp(`^ {${margin}}`, 'gm'), '');
}

/** The long form of a rule: what happens, with figures, and what to do about it. */
export function ruleText(rule: Rule & { readonly role: string }, ink: Ink): string {
  const brush = rule.level === 'refuse' ? ink.red : ink.yellow;
  const width = Math.min(ink.width ?? PARAGRAPH_WIDTH, PARAGRAPH_WIDTH);
  const shown = (text: string) =>
    blocksOf(text)
      .map((block) =>
        block.is === 'code'
          ? ink.block(block.text).replaceAll(/^(?=.)/gm, '    ')
          : hang('  ', ink.line(block.text), width),
      )
      .join('\n\n');
  const head = `${ink.bold(rule.code)}  ${brush(rule.level)}  ${ink.bold(ink.line(rule.title))}`;
  const parts = [
    `${head}  ${ink.dim(`(role ${ink.line(rule.role)})`)}`,
    `${ink.dim('why')}\n${shown(rule.why)}`,
    `${ink.dim('do')}\n${shown(rule.fix)}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** All rules, a line each. */
export function rulesText(rules: readonly Rule[], ink: Ink): string {
  const rows = rules.map(({ code, level, title }) => [code, level, ink.line(title)]);
  const lines = columns(rows).map((line) => `${line}\n`);
  return `${lines.join('')}\nMore about one: run-playbook explain ${rules[0]?.code ?? 'CODE'}\n`;
}
