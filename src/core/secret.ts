import { inspect } from 'node:util';
import { formsOf, PIECE_CHARS, piecesOf } from './secret-forms.ts';

const MASK = '[secret]';

/** A value that prints `[secret]` wherever it is shown; only `reveal()` gives it away. */
export class Secret {
  readonly #value: string;
  /** Where it came from, such as `VRRP_PASS`. */
  readonly name: string;

  constructor(value: string, name = 'secret') {
    this.#value = value;
    this.name = name;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

/** What a secret is recognised by. */
interface Marks {
  readonly forms: readonly string[];
  /** Made when first needed: a certificate has thousands. */
  pieces?: ReadonlySet<string>;
}

const marks = new WeakMap<Secret, Marks>();

/** `text` with every occurrence of a secret's value, escaped and encoded ones too, replaced by `[secret]`. */
export function mask(text: string, secrets: readonly Secret[]): string {
  return hide(
    text,
    secrets.flatMap((secret) => occurrences(text, marksOf(secret).forms)),
  );
}

/**
 * The same for what somebody else wrote, who may have cut a secret: any eight characters in a row of one are
 * replaced as well. Too much for our own words, of which a weak secret may hold some.
 */
export function maskHeard(text: string, secrets: readonly Secret[]): string {
  const whole = secrets.flatMap((secret) => occurrences(text, marksOf(secret).forms));
  return hide(text, [...whole, ...cutOccurrences(text, secrets.map(pieceMarksOf))]);
}

function marksOf(secret: Secret): Marks {
  const known = marks.get(secret) ?? { forms: formsOf(secret.reveal()) };
  marks.set(secret, known);
  return known;
}

function pieceMarksOf(secret: Secret): ReadonlySet<string> {
  const known = marksOf(secret);
  known.pieces ??= piecesOf(known.forms);
  return known.pieces;
}

/** A part of a text, its end excluded. */
type Span = readonly [from: number, to: number];

function occurrences(text: string, forms: readonly string[]): readonly Span[] {
  return forms.flatMap((form) => {
    const found: Span[] = [];
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
      found.push([at, at + form.length]);
    }
    return found;
  });
}

function cutOccurrences(text: string, secrets: readonly ReadonlySet<string>[]): readonly Span[] {
  const found: Span[] = [];
  for (let at = 0; at + PIECE_CHARS <= text.length; at += 1) {
    const piece = text.slice(at, at + PIECE_CHARS);
    if (secrets.some((pieces) => pieces.has(piece))) {
      found.push([at, at + PIECE_CHARS]);
    }
  }
  return found;
}

/** Spans that overlap are one secret, or several of which no rest may stay. */
function hide(text: string, spans: readonly Span[]): string {
  let shown = '';
  let end = 0;
  for (const [from, to] of spans.toSorted(([a, x], [b, y]) => a - b || y - x)) {
    if (from >= end) {
      shown += text.slice(end, from) + MASK;
    }
    end = Math.max(end, to);
  }
  return shown + text.slice(end);
}
