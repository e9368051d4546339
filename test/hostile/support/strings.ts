import * as fc from 'fast-check';

/** Each asks somebody to execute, to print, or to find what is not meant; `canary` is looked for afterwards. */
const ATTACKS = [
  '$(touch canary)',
  '$(>canary)',
  '`>canary`',
  "';>canary;'",
  "'$(>canary)'",
  "'`>canary`'",
  '"$(>canary)"',
  '";>canary;"',
  "';>canary #",
  '\n>canary\n',
  '$(>${IFS:+canary})',
  '`touch canary`',
  '; touch canary #',
  '\ntouch canary\n',
  '&& touch canary',
  '|touch canary',
  '& touch canary &',
  '>canary',
  "'; touch canary; '",
  '"; touch canary; "',
  "'$(touch canary)'",
  '"$(touch canary)"',
  '\\$(touch canary)',
  "'\\''$(touch canary)",
  '${IFS}$(touch canary)',
  '$((canary[$(touch canary)]))',
  '-oProxyCommand=touch canary',
  '--help',
  '-delete',
  '-exec touch canary ;',
  'A=b',
  '~root',
  '*',
  '../../../../../tmp/canary',
  '..',
  '<%= process.exit(1) %>',
  '<% require("fs").writeFileSync("canary", "") %>',
  '%>',
  '{{ lookup("pipe", "touch canary") }}',
  '${HOME}',
  '$${HOME}',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '\x1b[31m',
  '\x1b]0;title\x07',
  '\x1b]52;c;Y2FuYXJ5\x07',
  '\x9b2J',
  '\r',
  '\b\b\b',
  '\u202e',
  '\u2066',
  '\u200b',
  '\u2028',
  '\ufe0f',
  '\u{e0041}',
  '\ufeff',
  '\ufffd',
  '#end',
  '}',
  '{',
  ';',
  '\0',
  '\ud800',
  '\udc00',
  "'",
  '"',
  '\\',
  '%s%n%(%s)T',
  '!canary',
  '\n}\n',
  'EOF\n',
  'END\n',
] as const;

const SPECIAL = [...`'"\`$(){}[]<>|&;\\!#*?~=%^-./:,@+ \t\n\r`];
const PLAIN = [...'abcxyzABC019_'];
const unit = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...SPECIAL) },
  { weight: 6, arbitrary: fc.constantFrom(...PLAIN) },
  // Control characters, those of eight bits too, which dash uses for itself.
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xa0 }).map((code) => String.fromCharCode(code)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
);
const attack = fc.constantFrom(...ATTACKS);
const any = fc.string({ unit, maxLength: 12, size: 'max' });

/** Any string, half characters and NUL included, and more often than not one that means harm. */
export function hostileText(): fc.Arbitrary<string> {
  return fc.oneof(
    any,
    attack,
    fc.tuple(any, attack, any).map((parts) => parts.join('')),
  );
}

/** Whether a text can be sent at all: as bytes it is the same, and no argument ends before. */
export function isSendable(text: string): boolean {
  return !text.includes('\0') && Buffer.from(text).toString() === text;
}

/** Those of which `canary` is left if they are executed. */
export const EXECUTED = ATTACKS.filter((text) => text.includes('canary'));

/** A name that is as it should be, or nearly. */
export function nearly(names: readonly string[]): fc.Arbitrary<string> {
  const name = fc.constantFrom(...names);
  return fc.oneof(
    name,
    hostileText(),
    fc.tuple(name, hostileText()).map((parts) => parts.join('')),
    fc.tuple(hostileText(), name).map((parts) => parts.join('')),
  );
}
