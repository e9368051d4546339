/** ASCII only: any other blank is a character of a value. */
const BLANKS = String.raw`[ \t\r\n\f\v]*`;

/** `text` without blanks at its ends. */
export function withoutMargins(text: string): string {
  return text.replace(new RegExp(`^${BLANKS}`), '').replace(new RegExp(`${BLANKS}$`), '');
}

/**
 * The words of a text that blanks part; undefined when something in it is none, such as a quotation mark without its
 * partner: nothing is left out without a word.
 *
 * @param word what one looks like
 */
export function splitWords(text: string, word: RegExp): readonly string[] | undefined {
  const next = new RegExp(`${BLANKS}(?:(${word.source})|$)`, 'y');
  const words: string[] = [];
  for (;;) {
    const found = next.exec(text);
    if (found?.[1] === undefined) {
      return found === null ? undefined : words;
    }
    words.push(found[1]);
  }
}
