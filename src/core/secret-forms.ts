import { toUSVString } from 'node:util';

/** How many characters in a row give a part of a secret away; fewer are found in harmless text by chance. */
export const PIECE_CHARS = 8;

/** Encoded, a shorter value is too short to tell from other text. */
const ENCODED_MIN_BYTES = 6;

/** What begins and ends a PEM text is no secret, and shows where others begin. */
const PEM_BORDER = /^-----[A-Z ]+-----$/;

/**
 * The texts that give a value away: itself, its lines, and both as shells, JSON, URLs and HTML write them; its bytes
 * in base64 and hexadecimal, also amid others.
 */
export function formsOf(value: string): readonly string[] {
  const trimmed = value.trim();
  const plain = [value, trimmed, ...linesOf(value)];
  const forms = [...plain, ...plain.flatMap(escaped), ...encoded(value), ...encoded(trimmed)];
  return [...new Set(forms)].filter((form) => form !== '');
}

/** Every piece of the forms that is as long as a piece must be; not where one character only repeats. */
export function piecesOf(forms: readonly string[]): ReadonlySet<string> {
  const pieces = new Set<string>();
  for (const form of forms) {
    for (let at = 0; at + PIECE_CHARS <= form.length; at += 1) {
      const piece = form.slice(at, at + PIECE_CHARS);
      if (piece !== piece.charAt(0).repeat(PIECE_CHARS)) {
        pieces.add(piece);
      }
    }
  }
  return pieces;
}

function linesOf(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line.length >= PIECE_CHARS && !PEM_BORDER.test(line));
}

function escaped(text: string): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const url = encodeURIComponent(toUSVString(text));
  const strictUrl = url.replaceAll(/[!'()*]/g, (character) => percent(character));
  const quoted = text.replaceAll("'", String.raw`'\''`);
  return [
    quoted,
    // As one word of a command; what needs no quotes stands in quotes of somebody else's.
    ...(/[^\w/.:@%+,-]/.test(text) ? [`'${quoted}'`] : []),
    text.replaceAll("'", `'"'"'`),
    text.replaceAll("'", "''"),
    text.replaceAll(/["\\$`]/g, String.raw`\$&`),
    json,
    json.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    url,
    strictUrl,
    strictUrl.replaceAll('%20', '+'),
    strictUrl.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    html(text, '&#34;'),
    html(text, '&quot;'),
  ];
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function html(text: string, quote: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', quote)
    .replaceAll("'", '&#39;');
}

function encoded(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  if (bytes.length < ENCODED_MIN_BYTES) {
    return [];
  }
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].map((before) => base64Amid(bytes, before));
  const forUrls = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [hex, hex.toUpperCase(), ...base64, ...forUrls];
}

/** The part of the base64 that no neighbour changes, after so many bytes beyond a multiple of three. */
function base64Amid(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const isCut = (before + bytes.length) % 3 !== 0;
  return text.slice(Math.ceil((before * 4) / 3), isCut ? -1 : undefined);
}
