import { beforeAll, describe, expect, test } from 'vitest';
import { sh } from '../../src/core/script.ts';
import type { Shell } from '../../src/core/shell.ts';
import { useHost } from './host.ts';

const host = useHost();
let $: Shell;
beforeAll(async () => {
  $ = await host().connection.shell({ timeoutMs: 5_000 });
});

const controls = [...Array(31).keys()].map((code) => String.fromCharCode(code + 1));
const HOSTILE: readonly string[] = [
  '',
  ' ',
  'two words',
  'a\nb\n',
  '\n',
  `it's`,
  `"quoted"`,
  `'"'"'`,
  '$(touch /tmp/x)',
  '`id`',
  '${HOME}',
  '$$',
  '\\',
  '\\n\\',
  '-n',
  '--',
  '-rf /',
  'A=b',
  '=',
  '~',
  '~root',
  '*',
  '?[a-z]{b,c}',
  '; exit 9',
  '&& false',
  '| cat',
  '> /dev/full',
  '# not a comment',
  '!',
  '!!',
  'ä é € 😀',
  '\u{202e}right to left',
  '%s%n',
  '\x7f',
  '\x1b[31mred',
  ...controls,
  controls.join(''),
];

/** What `printf '%s\0'` gets, one item per argument. */
const split = (stdout: string) => stdout.split('\0').slice(0, -1);

describe('arguments', () => {
  test('arrive byte for byte, whatever they contain', async () => {
    const output = await $`printf '%s\\0' ${HOSTILE}`;
    expect(split(output.stdout)).toEqual(HOSTILE);
  });

  test('arrive byte for byte with exec as well', async () => {
    const { stdout } = await host().connection.exec(sh`printf '%s\\0' ${HOSTILE}`, { timeoutMs: 5_000 });
    expect(split(stdout.toString())).toEqual(HOSTILE);
  });

  test('in the place of the command are never an assignment or an option of the shell', async () => {
    expect((await $`${'A=b'}`.nothrow()).exitCode).toBe(127);
    expect((await $`${'-e'}`.nothrow()).exitCode).toBe(127);
  });

  test('of 1 MiB arrive', async () => {
    // A builtin: the kernel takes no argument above 128 KiB.
    const output = await $`x=${'y'.repeat(1024 * 1024)}; echo "\${#x}"`;
    expect(output.stdout).toBe(`${1024 * 1024}\n`);
  });

  test('may be numbers, arrays, scripts, outputs and promises of these', async () => {
    const output = await $`echo b c`;
    const all =
      await $`printf '%s\\0' ${1} ${['x y', 2]} ${sh`$(echo ${'s t'})`} ${output} ${Promise.resolve('p q')}`;
    expect(split(all.stdout)).toEqual(['1', 'x y', '2', 's', 't', 'b c', 'p q']);
    expect(split((await $`printf '%s\\0' ${$`echo r s`}`).stdout)).toEqual(['r s']);
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['an object', { a: 1 }],
    ['a date', new Date()],
    ['a function', () => 'x'],
    ['a boolean', true],
    ['NaN', Number.NaN],
    ['an array with undefined', ['a', undefined]],
    ['a NUL byte', 'a\0b'],
    ['a NUL byte in an array', ['a', '\0']],
  ])('%s is refused before anything is sent', async (_name, value) => {
    const before = host().server.lines.length;
    expect(() => $`echo ${'fine'} ${value}`).toThrow(TypeError);
    await expect((async () => $({ nothrow: true })`echo ${Promise.resolve(value)}`)()).rejects.toThrow(
      TypeError,
    );
    expect(host().server.lines.length).toBe(before);
  });

  test('a NUL byte in the command itself is refused', async () => {
    await expect((async () => $({ nothrow: true })`echo a\0b`)()).rejects.toThrow(TypeError);
  });
});
