import { describe, expect, test } from 'vitest';
import { isScript, joinScripts, quote, rawScript, sh, shownScript } from '../../src/core/script.ts';
import { Secret } from '../../src/core/secret.ts';
import { runLocally, SHELLS } from '../local-shell.ts';

const HOSTILE = [
  '',
  ' ',
  '-rf',
  '--',
  'A=b',
  '=',
  '~',
  '~root',
  '*',
  '?[a]',
  '{a,b}',
  '$HOME',
  '$(touch /tmp/pwned)',
  '`id`',
  "'",
  "''",
  "it's 'quoted'",
  '"',
  '\\',
  '\\\\',
  "\\'",
  'trailing\\',
  '\n',
  'two\nlines\n',
  '\r\n',
  '\t',
  ';',
  '& | > < ( ) #',
  '!history',
  '%s%n%d',
  '\u0001\u0007\u001b[31m\u007f',
  'ä€𝄞',
  '\u202e\u2028',
  'x'.repeat(200_000),
];

describe.each(SHELLS)('quoted for %s', (shell) => {
  test('every hostile string arrives as one word, byte for byte', async () => {
    const { stdout } = await runLocally(sh`printf '%s\\0' ${HOSTILE}`, shell);
    expect(stdout.toString('utf8').split('\0').slice(0, -1)).toEqual(HOSTILE);
  });

  test('a word in command position is a command, not an assignment', async () => {
    const { stdout } = await runLocally(sh`${'A=b'}; echo $?; echo "A is $A"`, shell);
    expect(stdout.toString('utf8')).toBe('127\nA is \n');
  });
});

test('a plain word stays readable', () => {
  expect([quote('/etc/nginx/nginx.conf'), quote('a@b:c+d,e-f%g')]).toEqual([
    '/etc/nginx/nginx.conf',
    'a@b:c+d,e-f%g',
  ]);
});

test('a NUL is refused: no argument can carry it', () => {
  expect(() => quote('a\0b')).toThrow('NUL');
});

test('numbers, scripts and lists are inserted, lists as several words', () => {
  expect(sh`run ${1} ${['a b', 2, ['c']]} ${sh`--to ${"it's"}`} ${rawScript('| sort')}`.text).toBe(
    "run 1 'a b' 2 c --to 'it'\\''s' | sort",
  );
});

test.each([undefined, null, {}, true, Number.NaN, Number.POSITIVE_INFINITY, () => 'x', new Date(0)])(
  '%s is no argument',
  (value) => {
    expect(() => sh`echo ${value as never}`).toThrow(TypeError);
    expect(() => sh`echo ${[value as never]}`).toThrow(TypeError);
  },
);

test('a secret is in the text that runs and not in the text that is shown, also where it is quoted', () => {
  const script = sh`login ${new Secret("it's me", 'PASSWORD')} ${sh`and ${[new Secret('hunter2')]}`}`;
  expect(script.text).toBe("login 'it'\\''s me' and hunter2");
  expect(shownScript(script)).toBe('login [secret] and [secret]');
  expect(shownScript(joinScripts([script, rawScript('echo hunter2')]))).toBe(
    'login [secret] and [secret]\necho [secret]',
  );
});

test('a script is told from other objects', () => {
  expect([sh`true`, rawScript(''), {}, { text: 'x' }, null, 'x'].map(isScript)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
