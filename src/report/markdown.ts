/** Characters that are markup wherever they stand, or between which a web address is found and made a link. */
const MARKUP = /[\\`*_[\]~$#|]|:(?=\/\/)|@|(?<=www)\./gi;

const ENTITIES: Readonly<Record<string, string>> = {
  '|': '&#124;',
  ':': '&#58;',
  '@': '&#64;',
  '.': '&#46;',
};

/** `text` as Markdown that shows it as it is, in a table's cell too: no markup, no link, nobody mentioned. */
export function inMarkdown(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(MARKUP, (character) => ENTITIES[character] ?? `\\${character}`);
}

/** The same in the letters of code; not between backticks, from which text can break out. */
export function codeInMarkdown(text: string): string {
  return text === '' ? '' : `<code>${inMarkdown(text)}</code>`;
}

/** Lines of a language in a block of their own, whatever stands in them. */
export function blockInMarkdown(language: string, lines: readonly string[]): string {
  const text = lines.join('\n');
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A table; the cells are Markdown. */
export function tableInMarkdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
