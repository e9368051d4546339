import { describe, expect, test } from 'vitest';
import { buildProbe } from '../../src/core/probe.ts';
import { answersFor, ProbeIncomplete, type Family } from '../../src/core/query.ts';
import { rawScript, sh } from '../../src/core/script.ts';
import { outputOf } from '../../src/queries/output.ts';
import { runLocally } from '../local-shell.ts';

const NONCE = 'f00dfeed';

async function answers(...texts: readonly string[]) {
  const queries = texts.map((text) => outputOf(rawScript(text)));
  const probe = buildProbe(queries, NONCE);
  const { stdout } = await runLocally(probe.script);
  const seen = probe.read(stdout);
  return queries.map((query) => seen.answer(query));
}

test('every part comes back with its bytes and its exit code, whatever it prints', async () => {
  expect(
    await answers(
      'echo hello',
      'printf "no newline"',
      ':',
      'exit 3',
      'echo before; exit 4; echo after',
      'printf "\\n\\n"',
      'echo on stderr >&2; false',
      'cat',
      'no-such-command',
      'printf "ä€"',
      'echo end # a comment at the end',
      'set -e; false; echo not reached',
    ),
  ).toEqual([
    { stdout: 'hello\n', exit: 0 },
    { stdout: 'no newline', exit: 0 },
    { stdout: '', exit: 0 },
    { stdout: '', exit: 3 },
    { stdout: 'before\n', exit: 4 },
    { stdout: '\n\n', exit: 0 },
    { stdout: '', exit: 1 },
    { stdout: '', exit: 0 },
    { stdout: '', exit: 127 },
    { stdout: 'ä€', exit: 0 },
    { stdout: 'end\n', exit: 0 },
    { stdout: '', exit: 1 },
  ]);
});

test('a part cannot change what the next one finds: directory, variables, options, traps', async () => {
  const [, second] = await answers(
    'cd /; LEAK=1; set -f; umask 000; trap "echo trapped" EXIT; exec >/dev/null',
    'echo "${LEAK-unset} $-"; [ "$(pwd)" != / ] || echo moved',
  );
  expect(second?.stdout).not.toMatch(/trapped|moved|f/);
  expect(second?.stdout).toMatch(/^unset /);
});

test('every part runs in the C locale with the system directories first', async () => {
  const [found] = await answers('echo "$LC_ALL $PATH"');
  expect(found?.stdout).toBe('C /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n');
});

describe('a forged end of a frame', () => {
  test('without the nonce is part of what was printed', async () => {
    const forged = 'printf "\\nffffffff 0 0\\nall is well"; exit 9';
    expect(await answers(forged, 'echo second')).toEqual([
      { stdout: '\nffffffff 0 0\nall is well', exit: 9 },
      { stdout: 'second\n', exit: 0 },
    ]);
  });

  test('with the nonce but another index is part of what was printed', async () => {
    const [first] = await answers(`printf "\\n${NONCE} 7 0\\n"; exit 9`, 'echo second');
    expect(first).toEqual({ stdout: `\n${NONCE} 7 0\n`, exit: 9 });
  });

  test('the nonce alone ends nothing', async () => {
    const [first] = await answers(`echo ${NONCE}`);
    expect(first).toEqual({ stdout: `${NONCE}\n`, exit: 0 });
  });
});

test('a reply that ends early, anywhere, is an error', async () => {
  const probe = buildProbe([outputOf(sh`echo one`), outputOf(sh`echo two`)], NONCE);
  const { stdout } = await runLocally(probe.script);
  for (let length = 0; length < stdout.length; length++) {
    expect(() => probe.read(stdout.subarray(0, length))).toThrow(ProbeIncomplete);
  }
  expect(() => probe.read(stdout)).not.toThrow();
});

test('a shell that dies in the middle is an error that says how much came', async () => {
  const probe = buildProbe(
    [outputOf(sh`echo one`), outputOf(rawScript('kill -9 $$')), outputOf(sh`:`)],
    NONCE,
  );
  const { stdout } = await runLocally(probe.script);
  expect(() => probe.read(stdout)).toThrow(
    `the probe's answer is incomplete: frame 2 of 3 did not arrive (${stdout.length} bytes came)`,
  );
});

test('what is printed before the probe belongs to the first part only', async () => {
  const probe = buildProbe([outputOf(sh`echo one`), outputOf(sh`echo two`)], NONCE);
  const { stdout } = await runLocally(probe.script);
  const seen = probe.read(Buffer.concat([Buffer.from('motd\n'), stdout]));
  expect(seen.answer(outputOf(sh`echo two`)).stdout).toBe('two\n');
});

const counted: Family<string> = {
  name: 'counted',
  scripts: (keys) => [rawScript('echo one frame'), sh`echo ${keys}`],
  parse: ([, frame], keys) =>
    new Map(keys.filter((key) => key !== 'silent').map((key) => [key, `${frame?.stdout.toString('utf8')}`])),
};

test('a family is asked once for all of its keys, each key once', () => {
  const [a, b, again] = ['a', 'b', 'a'].map((key) => ({ family: counted, key }));
  const probe = buildProbe(
    [a, outputOf(sh`true`), b, again].filter((query) => query !== undefined),
    NONCE,
  );
  expect(probe.script.text.match(/one frame/g)).toHaveLength(1);
  expect(probe.script.text).toContain('echo a b');
});

test('a key its family says nothing about is an error', async () => {
  const probe = buildProbe([{ family: counted, key: 'silent' }], NONCE);
  const { stdout } = await runLocally(probe.script);
  expect(() => probe.read(stdout)).toThrow('no answer for counted silent');
});

test('an answer to a question that was not asked is an error', async () => {
  const probe = buildProbe([outputOf(sh`true`)], NONCE);
  const seen = probe.read((await runLocally(probe.script)).stdout);
  expect(() => seen.answer(outputOf(sh`false`))).toThrow('output false was not asked for');
  expect(answersFor({ answer: outputOf(sh`true`) }, seen)).toEqual({ answer: { stdout: '', exit: 0 } });
});

const waiting: Family<string> = {
  name: 'waiting',
  waits: true,
  scripts: (keys) => [sh`echo begun; sleep 0.4; echo ${keys}; cat; exit 3`],
  parse: ([frame], keys) =>
    new Map(keys.map((key) => [key, `${frame?.stdout.toString('utf8')}${frame?.exit}`])),
};

test('a family that waits is asked beside the others, and answers behind them', async () => {
  const wait = { family: waiting, key: 'ended' };
  const others = ['sleep 0.3; echo one', 'cat; echo "two"; echo three >&3', 'cat <<END\nfour\nEND'];
  const queries = others.map((text) => outputOf(rawScript(text)));
  const probe = buildProbe([wait, ...queries], NONCE);
  const started = performance.now();
  const { stdout } = await runLocally(probe.script);
  expect(performance.now() - started).toBeLessThan(690);
  const seen = probe.read(stdout);
  expect(seen.answer(wait)).toBe('begun\nended\n3');
  expect(queries.map((query) => seen.answer(query).stdout)).toEqual(['one\n', 'two\nthree\n', 'four\n']);
});
