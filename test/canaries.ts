import { randomBytes } from 'node:crypto';

/** Fewer characters in a row of a secret give nothing away. */
const PIECE = 8;
/** The shortest text that can be found. */
const HEAD = 8;

/**
 * A secret with what shells, templates, JSON, URLs and terminals make something of. It is another one at each call, and
 * no eight characters of it stand anywhere else.
 */
export function canary(): string {
  const [a, b, c, d, e, f, g, h, i, j] = Array.from({ length: 10 }, tag);
  return `-${a}'"${b}$(${c})${d}\`>/${e}\`${f}<%= ${g} %>${h}%s\\${i}&é😀${j}`;
}

/** Of so many kinds that no two are alike. */
function tag(): string {
  return randomBytes(12)
    .toString('base64')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 5);
}

/** Finds secrets, whole or in part, in whatever form. */
export class Canaries {
  /** What gives a secret away, as the bytes of its UTF-8, by its first bytes. */
  readonly #marks = new Map<string, { readonly mark: string; readonly what: string }[]>();

  /** @param secrets by name; several texts of one where only they are secret, such as the lines of a key */
  constructor(secrets: Readonly<Record<string, string | readonly string[]>>) {
    for (const [name, texts] of Object.entries(secrets)) {
      for (const text of [texts].flat()) {
        marksOf(text).forEach(([form, mark]) => this.#add(mark, `${name} ${form}`));
      }
    }
  }

  /** Which secrets stand in a text, and in which form: `TOKEN in base64`. */
  in(text: string | Buffer): readonly string[] {
    const bytes = Buffer.from(text).toString('latin1');
    const found = new Set<string>();
    for (let at = 0; at + HEAD <= bytes.length; at += 1) {
      for (const { mark, what } of this.#marks.get(bytes.slice(at, at + HEAD)) ?? []) {
        if (bytes.startsWith(mark, at)) {
          found.add(what);
        }
      }
    }
    return [...found];
  }

  /** A line for each that `grep -F -f` can look for. */
  get patterns(): Buffer {
    const lines = [...this.#marks.values()].flat().map(({ mark }) => mark);
    return Buffer.from(`${lines.filter((line) => !line.includes('\n')).join('\n')}\n`, 'latin1');
  }

  #add(mark: string, what: string): void {
    const bytes = Buffer.from(mark).toString('latin1');
    const head = bytes.slice(0, HEAD);
    this.#marks.set(head, [...(this.#marks.get(head) ?? []), { mark: bytes, what }]);
  }
}

/** Every piece of a secret in every form; base64 has no pieces of its own but those of the whole. */
function marksOf(secret: string): readonly (readonly [form: string, mark: string])[] {
  const pieces = windows(secret, PIECE);
  const forms: readonly (readonly [string, (text: string) => string])[] = [
    ['as it is', (text) => text],
    ['in hexadecimal', hex],
    ['in HEXADECIMAL', (text) => hex(text).toUpperCase()],
    ['in a URL', url],
    ['in a url', (text) => url(text).toLowerCase()],
    ['in JSON', json],
    ['in ASCII JSON', (text) => json(text).replaceAll(/[^ -~]/g, escapedUnit)],
    ['in HTML', html],
  ];
  const written = forms.flatMap(([form, write]) => pieces.map((piece) => [form, write(piece)] as const));
  const encoded = [0, 1, 2].flatMap((before) =>
    // The last characters depend on what follows.
    windows(base64(secret, before).slice(2, -4), 12).map((piece) => ['in base64', piece] as const),
  );
  return [...written, ...encoded].filter(([, mark]) => mark.length >= HEAD);
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}

/** Without the half of a character that a piece may end in. */
function url(text: string): string {
  return encodeURIComponent(text.replaceAll(/[\ud800-\udfff]/g, ''));
}

function json(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function windows(text: string, length: number): readonly string[] {
  return text.length < length
    ? []
    : Array.from({ length: text.length - length + 1 }, (_, at) => text.slice(at, at + length));
}

function base64(text: string, before: number): string {
  return Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString('base64');
}

function escapedUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function html(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&#34;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (character) => names[character] ?? '');
}
