import { mask, type Secret } from '../core/secret.ts';
import { visible, visibleLine } from './visible.ts';

/** What the terminal, or whatever reads the text, can show. */
export interface Medium {
  readonly color: boolean;
  readonly unicode: boolean;
  /** Columns to wrap at; undefined where lines are not wrapped, as in a file. */
  readonly width?: number | undefined;
}

/** The part of a WriteStream that reports need. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface Symbols {
  readonly yes: string;
  readonly no: string;
  readonly none: string;
}

/** How texts are written on one medium: colours, symbols, and the only way for foreign text to get there. */
export interface Ink extends Medium {
  readonly bold: Brush;
  readonly dim: Brush;
  readonly red: Brush;
  readonly green: Brush;
  readonly yellow: Brush;
  readonly cyan: Brush;
  readonly symbols: Symbols;
  /** Foreign text for one line: secrets masked, control characters visible. */
  line(text: string): string;
  /** The same with its line breaks. */
  block(text: string): string;
  /** Secrets masked, nothing else changed: for text that is compared before it is shown. */
  masked(text: string): string;
}

type Brush = (text: string) => string;

const UNICODE: Symbols = { yes: '✓', no: '✗', none: '·' };
const ASCII: Symbols = { yes: 'ok  ', no: 'FAIL', none: '-   ' };

/** The ink for a medium. */
export function inkFor(medium: Medium, secrets: readonly Secret[] = []): Ink {
  const brush =
    (on: number, off: number): Brush =>
    (text) =>
      medium.color && text !== '' ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return {
    ...medium,
    bold: brush(1, 22),
    dim: brush(2, 22),
    red: brush(31, 39),
    green: brush(32, 39),
    yellow: brush(33, 39),
    cyan: brush(36, 39),
    symbols: medium.unicode ? UNICODE : ASCII,
    line: (text) => visibleLine(mask(text, secrets), medium.unicode),
    block: (text) => visible(mask(text, secrets), medium.unicode),
    masked: (text) => mask(text, secrets),
  };
}

/** What `output` can show, as its user said: NO_COLOR (no-color.org), FORCE_COLOR, TERM and the locale. */
export function mediumOf(output: Output, env: NodeJS.ProcessEnv): Medium {
  const isTTY = output.isTTY === true;
  const forced = env['FORCE_COLOR'] !== undefined && !['', '0', 'false'].includes(env['FORCE_COLOR']);
  const refused = Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb';
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return {
    color: !refused && (isTTY || forced),
    unicode: /utf-?8/i.test(locale),
    width: isTTY ? output.columns : undefined,
  };
}
