/** Where lists of names are wrapped in a file, in which text has no width. */
export const PARAGRAPH_WIDTH = 100;

/**
 * `text` broken at spaces into lines of at most `width`, the first one `taken` columns shorter.
 *
 * A word longer than a line keeps a line of its own; nothing is cut.
 */
export function wrap(text: string, width: number | undefined, taken = 0): readonly string[] {
  if (width === undefined || taken + text.length <= width) {
    return [text];
  }
  const lines: string[] = [];
  let line = '';
  let room = width - taken;
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
      room = width;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** `text` after `head`, its further lines under its first; all within `width`. */
export function hang(head: string, text: string, width: number | undefined): string {
  // In a narrow column words are torn apart: then the terminal's own wrapping reads better.
  const room = width === undefined || width - head.length < 20 ? undefined : width - head.length;
  const [first = '', ...rest] = wrap(text, room);
  return [`${head}${first}`, ...rest.map((line) => `${' '.repeat(head.length)}${line}`)].join('\n');
}

/** Rows whose cells line up in columns; the last cell of a row is as long as it likes. */
export function columns(rows: readonly (readonly string[])[], gap = '  '): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (index < row.length - 1 ? cell.padEnd(widths[index] ?? 0) : cell))
      .join(gap)
      .trimEnd(),
  );
}
