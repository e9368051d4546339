/**
 * Control and format characters (bidirectional overrides, zero width), line separators, lone surrogates, what is not
 * drawn at all (fillers, variation selectors).
 */
const TREACHEROUS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
const TREACHEROUS_OR_FOREIGN = new RegExp(`${TREACHEROUS.source}|[^\\0-\\x7f]`, 'gu');

/**
 * `text` with everything a terminal would obey instead of print written as `\x1b`; newline and tab are kept.
 *
 * @param unicode false on a terminal that is not UTF-8, where bytes of other letters are control characters
 */
export function visible(text: string, unicode = true): string {
  return text.replaceAll(unicode ? TREACHEROUS : TREACHEROUS_OR_FOREIGN, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
}

/** The same for a place where only one line fits. */
export function visibleLine(text: string, unicode = true): string {
  return visible(text, unicode).replaceAll('\n', '\\n').replaceAll('\t', ' ');
}

/** The same for JSON: what it would let pass is written as JSON writes the rest. */
export function visibleJson(json: string): string {
  return json.replaceAll(TREACHEROUS, (character) =>
    character === '\n'
      ? character
      : [...Array(character.length).keys()]
          .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\r') {
    return '\\r';
  }
  if (code <= 0xff) {
    return `\\x${code.toString(16).padStart(2, '0')}`;
  }
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
