import type { Place } from '../core/inventory.ts';
import { SECRETIVE } from '../core/secret-names.ts';

const SHOWN_WIDTH = 100;
const HIDDEN = '[hidden]';
const ASSIGNED = new RegExp(String.raw`(\w*(?:${SECRETIVE.source})\w*["']?\s*[:=]\s*)(?!\s*\$\{)\S.*`, 'gi');

/** Whatever it was given for, each of its lines may be a secret. */
const SECRETS_FILE = /(^|\/)\.env[^/]*$/;

/** A text the user wrote, able to say where in it something is. */
export class SourceText {
  /** As errors name it: `inventory/hosts.yml`. */
  readonly name: string;
  readonly text: string;
  readonly #lineStarts: readonly number[];

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    const starts = [0];
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
      starts.push(at + 1);
    }
    this.#lineStarts = starts;
  }

  /** Counted from 0. */
  lineOf(offset: number): number {
    let [line, beyond] = [0, this.#lineStarts.length];
    while (beyond - line > 1) {
      const middle = (line + beyond) >> 1;
      [line, beyond] = (this.#lineStarts[middle] ?? 0) <= offset ? [middle, beyond] : [line, middle];
    }
    return line;
  }

  /** Line and column as errors count them, from 1; a column beyond the line is its start. */
  placeAt(line: number, column: number): Place {
    const start = this.#lineStarts[line - 1] ?? 0;
    const end = this.#lineStarts[line] ?? this.text.length;
    return this.place(start + column - 1 < end ? start + column - 1 : start);
  }

  /** @param offset in UTF-16 units, as the YAML parser counts */
  place(offset: number): Place {
    const line = this.lineOf(offset);
    const start = this.#lineStarts[line] ?? 0;
    const column = offset - start;
    const text = this.text.slice(start, this.#lineStarts[line + 1]).replace(/\r?\n$/, '');
    const isSecret = SECRETS_FILE.test(this.name);
    return {
      origin: `${this.name}:${line + 1}:${column + 1}`,
      get excerpt() {
        return isSecret ? [] : excerpt(text, column);
      },
    };
  }
}

/** A place that is not in a file: `--extra-vars`, `role default`. */
export function placeOutside(origin: string, shown: readonly string[] = []): Place {
  return { origin, excerpt: shown };
}

/** `text` with what looks like a plain-text password hidden. */
export function withoutPasswords(text: string): string {
  return text.replace(ASSIGNED, `$1${HIDDEN}`);
}

function excerpt(line: string, column: number): readonly string[] {
  if (line.trim() === '') {
    return [];
  }
  // One character stays one column, or the caret would be off.
  const shown = withoutPasswords(line.replaceAll('\t', ' '));
  const hiddenAt = shown.indexOf(HIDDEN);
  if (hiddenAt !== -1 && column > hiddenAt) {
    return [shown];
  }
  const from = column < SHOWN_WIDTH ? 0 : column - SHOWN_WIDTH / 2;
  return [shown.slice(from, from + SHOWN_WIDTH).trimEnd(), `${' '.repeat(column - from)}^`];
}
