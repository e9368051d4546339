import { readFileSync } from 'node:fs';

/** One case of a golden file: what is given, and what is printed about it. */
export interface GoldenCase {
  readonly name: string;
  readonly given: string;
  readonly printed: string;
}

/**
 * The cases of a golden file beside the tests, in its order.
 *
 * A case is `### sentence`, then what is given, then `=>` on a line of its own, then what is printed.
 */
export function goldenCases(file: string): readonly GoldenCase[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return text
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [, name = '', given = '', printed = ''] = /^(.*)\n([^]*?)^=>\n([^]*)$/m.exec(part) ?? [];
      return { name, given, printed: printed.trimEnd() };
    });
}
