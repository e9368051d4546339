import type { Document, YAMLError } from 'yaml';
import type { Findings } from './findings.ts';
import type { SourceText } from './source-text.ts';

export const JINJA_HINT = 'Jinja is not evaluated: write the value itself, or ${NAME} for a secret from .env';

/** The yaml package, loaded on first use, with what it read. */
export interface ParsedYaml {
  readonly yaml: typeof import('yaml');
  readonly document: Document;
}

/** Faults that leave the rest of the file readable, so that its other errors are worth showing. */
const LOCAL: readonly string[] = ['DUPLICATE_KEY', 'NON_STRING_KEY'];

/**
 * What the parser found wrong, in words that say what to do.
 *
 * @returns whether the rest of the document is worth reading
 */
export function reportFaults(source: SourceText, parsed: ParsedYaml, findings: Findings): boolean {
  const faults = [...parsed.document.errors, ...parsed.document.warnings];
  // What follows on the same line is a consequence of the first.
  const lines = new Set<number>();
  for (const fault of faults.toSorted((a, b) => a.pos[0] - b.pos[0])) {
    const offset = spotOf(fault, source.text, parsed);
    const line = source.lineOf(offset);
    if (!lines.has(line)) {
      lines.add(line);
      const [what, hint] = inWords(fault, source.text, offset);
      findings.add(source.place(offset), what, hint);
    }
  }
  return faults.every((fault) => LOCAL.includes(fault.code));
}

/** Where the user has to look, which is not always where the parser noticed. */
function spotOf(fault: YAMLError, text: string, parsed: ParsedYaml): number {
  const [offset] = fault.pos;
  if (fault.code === 'DUPLICATE_KEY') {
    // After an empty value yaml points at its end, with the key behind white space and comments.
    return offset + (/^(?:\s|#.*)*/.exec(text.slice(offset))?.[0].length ?? 0);
  }
  if (fault.code === 'MISSING_CHAR') {
    return openingQuote(parsed, offset);
  }
  const before = Math.max(0, offset - 1);
  return text.startsWith('{{', before) || text.startsWith('{%', before) ? before : offset;
}

/** Where the quoted text begins that ends at `offset` without a closing quote. */
function openingQuote({ yaml, document }: ParsedYaml, offset: number): number {
  let start = offset;
  yaml.visit(document, {
    Scalar(_, scalar) {
      const [from = 0, to = 0] = scalar.range ?? [];
      start = scalar.type?.startsWith('QUOTE') && from < offset && to >= offset ? from : start;
    },
  });
  return start;
}

function inWords(fault: YAMLError, text: string, offset: number): readonly [string, string?] {
  const here = text.slice(offset, offset + 200);
  if (/^(?:\{\{|\{%|%)/.test(here)) {
    return ['the value is a Jinja expression', JINJA_HINT];
  }
  const tag = /^Unresolved tag: (.+)$/.exec(fault.message)?.[1];
  if (tag !== undefined) {
    return [`the tag ${tag} is not known`];
  }
  switch (fault.code) {
    case 'DUPLICATE_KEY': {
      const name = /^["']?([^"':\s]*)/.exec(here)?.[1] ?? '';
      return [`${name} is written twice in the same map`, 'keep one of the two'];
    }
    case 'TAB_AS_INDENT':
      return ['YAML cannot be indented with tabs', 'use spaces'];
    case 'BLOCK_AS_IMPLICIT_KEY':
      return [
        'not valid YAML: a second ":" in one value',
        'indent it and the next line like their neighbours, or put the value in quotes',
      ];
    case 'MISSING_CHAR':
      return /^["']/.test(here)
        ? ['the quotation that begins here has no end', 'close the quotation mark']
        : [`not valid YAML: ${fault.message}`];
    case 'MULTIPLE_DOCS':
      return ['a second YAML document begins here', 'only one is read: remove ---'];
    default:
      return [`not valid YAML: ${fault.message}`];
  }
}
