/** A part of a configuration as nginx reads it: a word, or what ends a directive, opens a block or closes one. */
type Part = 'word' | ';' | '{' | '}';

interface Reading {
  readonly parts: readonly Part[];
  /** Nothing is open at the end: no quote, no escape, no comment. */
  readonly isClosed: boolean;
}

/**
 * The parts of a text, by the rules of nginx 1.22 (ngx_conf_read_token): quotes and # count at the start of a word only,
 * a backslash takes the next character along, `${` is no block; undefined where nginx would refuse it.
 */
function read(text: string): Reading | undefined {
  const parts: Part[] = [];
  let rest = text;
  while (rest !== '') {
    const [taken, part] = next(rest);
    if (taken === undefined) {
      return part === 'open' ? { parts, isClosed: false } : undefined;
    }
    parts.push(...(part === 'blank' ? [] : [part]));
    rest = rest.slice(taken.length);
  }
  return { parts, isClosed: true };
}

const BLANK = /^(?:[ \t\r\n]+|#[^\n]*\n)/;
const QUOTED = /^(?:"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*')/;
const PLAIN = /^(?!["'#}])(?:\\[^]|\$\{|[^\\ \t\r\n;{])+/;

type Taken = readonly [string, Part | 'blank'] | readonly [undefined, 'open' | 'wrong'];

function next(rest: string): Taken {
  const blank = BLANK.exec(rest)?.[0];
  if (blank !== undefined) {
    return [blank, 'blank'];
  }
  const [first = ''] = rest;
  if (first === ';' || first === '{' || first === '}') {
    return [first, first];
  }
  const quoted = QUOTED.exec(rest)?.[0];
  if (quoted !== undefined) {
    const isEnd = /^(?:[ \t\r\n;{)]|$)/.test(rest.slice(quoted.length));
    return isEnd ? [quoted, 'word'] : [undefined, 'wrong'];
  }
  const plain = PLAIN.exec(rest)?.[0];
  return plain === undefined ? [undefined, 'open'] : [plain, 'word'];
}

/** Whether nginx takes a text for words and nothing else, whatever follows it. */
export function isWords(text: string, most = Infinity): boolean {
  const reading = read(text);
  return (
    reading?.isClosed === true &&
    reading.parts.length > 0 &&
    reading.parts.length <= most &&
    reading.parts.every((part) => part === 'word')
  );
}

/** Whether lines are whole directives: what stands before and after them is what it was. */
export function areDirectives(lines: readonly string[]): boolean {
  const reading = read(`${lines.join('\n')}\n`);
  if (reading?.isClosed !== true) {
    return false;
  }
  let depth = 0;
  let words = 0;
  for (const part of reading.parts) {
    const isWord = part === 'word';
    if (!isWord && (part === '}') !== (words === 0)) {
      return false;
    }
    words = isWord ? words + 1 : 0;
    depth += part === '{' ? 1 : part === '}' ? -1 : 0;
    if (depth < 0) {
      return false;
    }
  }
  return depth === 0 && words === 0;
}
