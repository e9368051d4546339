/**
 * What a program takes a configuration for, by its own rules and written without a look at ours: the names of
 * directives and how they stand in each other, an entry each. What they say is left out.
 */
export type Shape = readonly string[];

/** Something that the program would not take at all. */
const BROKEN = 'broken';

/** ngx_conf_read_token of nginx 1.22, character by character. */
export function nginxShape(text: string): Shape {
  const shape: string[] = [];
  let [depth, words, name] = [0, 0, ''];
  let state: 'between' | 'word' | '"' | "'" | 'after quote' | 'comment' = 'between';
  let isQuoted = false;
  let isVariable = false;
  const end = (character: string) => {
    if (character === '}' ? words > 0 : words === 0) {
      shape.push(BROKEN);
    }
    depth -= character === '}' ? 1 : 0;
    shape.push(`${depth} ${character === '}' ? '' : name}${character}`);
    depth += character === '{' ? 1 : 0;
    [words, name] = [0, ''];
  };
  for (const character of text) {
    const isBlank = /[ \t\r\n]/.test(character);
    if (state === 'comment') {
      state = character === '\n' ? 'between' : 'comment';
    } else if (isQuoted) {
      isQuoted = false;
    } else if (state === 'after quote' && !isBlank && !';{)'.includes(character)) {
      return [...shape, BROKEN];
    } else if (state === '"' || state === "'") {
      isQuoted = character === '\\';
      state = character === state ? 'after quote' : state;
    } else if (state === 'word') {
      if (character === '{' && isVariable) {
        continue;
      }
      isVariable = character === '$';
      isQuoted = character === '\\';
      if (isBlank || character === ';' || character === '{') {
        state = 'between';
        if (!isBlank) {
          end(character);
        }
      } else {
        name += words === 1 ? character : '';
      }
    } else if (isBlank) {
      state = 'between';
    } else if (';{}'.includes(character)) {
      end(character);
      state = 'between';
    } else if (character === '#') {
      state = 'comment';
    } else {
      words += 1;
      name += words === 1 ? character : '';
      isQuoted = character === '\\';
      isVariable = character === '$';
      state = character === '"' || character === "'" ? character : 'word';
    }
  }
  const isDone = (state === 'between' || state === 'after quote') && words === 0 && depth === 0 && !isQuoted;
  return isDone ? shape : [...shape, BROKEN];
}

/** keepalived 2.2: a line is words; # and ! begin a comment outside of quotes, braces open and close. */
export function keepalivedShape(text: string): Shape {
  const shape: string[] = [];
  let depth = 0;
  for (const line of text.split(/[\n\r]/)) {
    const plain = line.replaceAll(/"(?:\\.|[^"\\])*"|[#!].*$/g, (hidden) =>
      hidden.startsWith('"') ? 'q' : '',
    );
    const [first] = plain.trim().split(/[\s{}]+/);
    if (/["\\]/.test(plain)) {
      shape.push(BROKEN);
    }
    if (first !== undefined && first !== '') {
      shape.push(`${depth} ${/^[\da-f.:]+(?:\/\d+)?$/i.test(first) ? 'address' : first}`);
    }
    for (const [brace] of plain.matchAll(/[{}]/g)) {
      depth += brace === '{' ? 1 : -1;
      shape.push(`${depth} ${brace}`);
    }
  }
  return depth === 0 ? shape : [...shape, BROKEN];
}

const SECTIONS =
  'global defaults frontend backend listen userlist peers mailers resolvers program http-errors ring cache fcgi-app log-forward'.split(
    ' ',
  );

/** HAProxy 2.6, parse_line: a line is words, the first one the keyword; a section begins at its own. */
export function haproxyShape(text: string): Shape {
  return text.split(/[\n\r]/).flatMap((line) => {
    const words = haproxyWords(line);
    const [first, ...others] = words ?? [];
    // The name of a value, not of a directive.
    const keyword = first?.replace(/^tune\..*$/, 'tune');
    if (words === undefined || keyword?.startsWith('.') === true) {
      return [BROKEN];
    }
    const isSection = keyword !== undefined && SECTIONS.includes(keyword);
    return keyword === undefined
      ? []
      : [isSection ? `section ${keyword}` : `${keyword}${others.length > 0 ? ' …' : ''}`];
  });
}

function haproxyWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? '';
    if (character === '\\' && quote !== "'") {
      at += 1;
      if (at === line.length) {
        return undefined;
      }
      word = `${word ?? ''}${line[at]}`;
    } else if (quote !== undefined) {
      word = `${word ?? ''}${character === quote ? '' : character}`;
      quote = character === quote ? undefined : quote;
    } else if (character === '#') {
      break;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      words.push(...(word === undefined ? [] : [word]));
      word = undefined;
    } else {
      word = `${word ?? ''}${character}`;
    }
  }
  return quote === undefined ? [...words, ...(word === undefined ? [] : [word])] : undefined;
}

/** systemd.syntax(7): sections and names; a backslash at the end takes the next line along. */
export function unitShape(text: string): Shape {
  const lines = text.split(/[\n\r\0]/);
  const shape: string[] = [];
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    while (line.endsWith('\\') && lines.length > 0) {
      line = `${line.slice(0, -1)} ${lines.shift()}`;
    }
    const plain = line.trim();
    if (plain !== '' && !/^[#;]/.test(plain)) {
      shape.push(/^\[.*\]$/.exec(plain)?.[0] ?? `${/^[^=]*(?==)/.exec(plain)?.[0].trim() ?? BROKEN}=`);
    }
  }
  return shape;
}

/** POSIX shell, 2.3: operators, and words with the number of things to expand in them. */
export function shellShape(text: string): Shape {
  const shape: string[] = [];
  let expansions: number | undefined;
  let quote: string | undefined;
  const endWord = () => {
    shape.push(...(expansions === undefined ? [] : [`word ${expansions}`]));
    expansions = undefined;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (quote === "'") {
      quote = character === "'" ? undefined : quote;
    } else if (character === '\\') {
      at += 1;
      expansions ??= 0;
    } else if (character === '$' || character === '`') {
      expansions = (expansions ?? 0) + 1;
    } else if (quote === '"') {
      quote = character === '"' ? undefined : quote;
    } else if (character === '"' || character === "'") {
      quote = character;
      expansions ??= 0;
    } else if (character === '#' && expansions === undefined) {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end - 1;
    } else if (/[ \t]/.test(character)) {
      endWord();
    } else if (/[\n;&|<>(){}[\]*?~!]/.test(character)) {
      endWord();
      shape.push(character);
    } else {
      expansions ??= 0;
    }
  }
  endWord();
  return quote === undefined ? shape : [...shape, BROKEN];
}

/** Lines of as many fields, such as those of tmpfiles.d(5), of a map and of a password file. */
export function linesShape(separator: RegExp): (text: string) => Shape {
  return (text) =>
    text
      .split(/[\n\r]/)
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => `${line.split(separator).length} fields`);
}

/** As HTML, for what is no more than tags. */
export function tagsShape(text: string): Shape {
  return [...text.matchAll(/<\/?[!\w]+/g)].map(([tag]) => tag);
}
