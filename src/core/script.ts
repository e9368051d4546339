import { mask, Secret } from './secret.ts';

/** POSIX shell text that has not run: data, to be printed, compared or sent to a host. */
export interface Script {
  readonly text: string;
  /** Values inside `text` that must never be shown. */
  readonly secrets: readonly Secret[];
}

export type ShellArgument = string | number | Secret | Script | readonly ShellArgument[];

/**
 * A POSIX-quoted word: the shell passes exactly `argument` on, byte for byte.
 *
 * A bare `=` is quoted too: `A=b` in command position would be an assignment.
 *
 * @throws TypeError on NUL, which no argument can carry, and on half a surrogate pair, which UTF-8 cannot
 */
export function quote(argument: string): string {
  if (argument.includes('\0')) {
    throw new TypeError('a shell argument cannot contain a NUL byte');
  }
  if (/\p{Cs}/u.test(argument)) {
    throw new TypeError('a shell argument cannot contain half a surrogate pair');
  }
  if (/^[\w/.:@%+,-]+$/.test(argument)) {
    return argument;
  }
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

/**
 * A Script from a template: every value is quoted as one word, an array as several words,
 * a Script is inserted as it is.
 *
 * @throws TypeError on undefined, null and plain objects, which would be rendered as nonsense
 */
export function sh(strings: TemplateStringsArray, ...values: readonly ShellArgument[]): Script {
  const secrets: Secret[] = [];
  let text = strings[0] ?? '';
  values.forEach((value, index) => {
    text += word(value, secrets) + (strings[index + 1] ?? '');
  });
  return { text, secrets };
}

/** A Script from finished shell text, without any quoting. */
export function rawScript(text: string, secrets: readonly Secret[] = []): Script {
  return { text, secrets };
}

/** One Script that runs the given ones in order, a line each. */
export function joinScripts(scripts: readonly Script[], separator = '\n'): Script {
  return {
    text: scripts.map((script) => script.text).join(separator),
    secrets: scripts.flatMap((script) => script.secrets),
  };
}

/** The text of a Script as it may be shown to a person. */
export function shownScript(script: Script): string {
  return mask(script.text, script.secrets);
}

export function isScript(value: unknown): value is Script {
  return typeof value === 'object' && value !== null && 'text' in value && 'secrets' in value;
}

function word(value: ShellArgument, secrets: Secret[]): string {
  if (typeof value === 'string') {
    return quote(value);
  }
  if (typeof value === 'number' && Number.isFinite(value)) {
    return String(value);
  }
  if (value instanceof Secret) {
    secrets.push(value);
    return quote(value.reveal());
  }
  if (Array.isArray(value)) {
    return value.map((item: ShellArgument) => word(item, secrets)).join(' ');
  }
  if (isScript(value)) {
    secrets.push(...value.secrets);
    return value.text;
  }
  throw new TypeError(
    `a shell argument must be a string, number, Secret, Script or an array of them, not ${typeof value}`,
  );
}
