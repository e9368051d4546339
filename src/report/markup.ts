import type { Ink } from './ink.ts';

/** Text of HTML or XML in which nothing foreign is markup; only `markupFor` makes it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: texts are escaped, lists are joined, nothing is left out for undefined. */
export type Piece = Markup | string | number | undefined | readonly Piece[];

/** A template tag: `` html`<b>${name}</b>` ``. */
export type Tag = (strings: TemplateStringsArray, ...pieces: readonly Piece[]) => Markup;

/** The tag for texts with these secrets: every text that is put in is masked, made visible and escaped. */
export function markupFor({ line }: Pick<Ink, 'line'>): Tag {
  const written = (piece: Piece): string => {
    if (piece instanceof Markup) {
      return piece.text;
    }
    if (piece === undefined) {
      return '';
    }
    return typeof piece === 'object' ? piece.map(written).join('') : escaped(line(String(piece)));
  };
  return (strings, ...pieces) =>
    new Markup(strings.map((string, index) => `${string}${written(pieces[index])}`).join(''));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The last two are no characters in XML 1.0 (2.2), and an XML parser refuses them even as references. */
function escaped(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replaceAll('\ufffe', String.raw`\ufffe`)
    .replaceAll('\uffff', String.raw`\uffff`);
}
