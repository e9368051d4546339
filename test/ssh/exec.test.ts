import { describe, expect, test } from 'vitest';
import { rawScript, sh } from '../../src/core/script.ts';
import { Secret } from '../../src/core/secret.ts';
import { connect, OutputTooLarge } from '../../src/transport/index.ts';
import { everythingOf, rejection, useHost } from './host.ts';
import { startServer } from './server.ts';

const host = useHost();
const exec = (text: string, become = false) =>
  host().connection.exec(rawScript(text), { timeoutMs: 10_000, become });

describe('how a script ended', () => {
  test('an exit code of sh comes back as it is', async () => {
    const codes = Array.from({ length: 52 }, (_, index) => index * 5);
    const ended = await Promise.all(codes.map((code) => exec(`exit ${code}`)));
    expect(ended.map(({ exit }) => exit)).toEqual(codes);
    expect(ended.every(({ signal }) => signal === undefined)).toBe(true);
  });

  test('every code from 0 to 255 is seen, though it comes with the close in one TCP segment', async () => {
    let code = 0;
    const server = await startServer({ instantExit: () => code });
    const connection = await connect(server.target());
    for (; code < 256; code += 1) {
      // oxlint-disable-next-line no-await-in-loop
      expect((await connection.exec(rawScript('true'), { timeoutMs: 1_000 })).exit).toBe(code);
    }
    await connection.close();
    await server.close();
  });

  test('a signal is not an exit code', async () => {
    expect(await exec('kill -9 $$')).toMatchObject({ exit: undefined, signal: 'SIGKILL' });
    expect(await exec('kill -TERM $$', true)).toMatchObject({ exit: undefined, signal: 'SIGTERM' });
  });

  test('noise on stderr fails nothing', async () => {
    const ended = await exec('echo warning >&2; echo result');
    expect(ended).toMatchObject({ exit: 0, stderr: 'warning\n' });
    expect(ended.stdout.toString()).toBe('result\n');
  });

  test('a failing command in the middle is no end, as in any sh script', async () => {
    expect((await exec('false; echo went on')).stdout.toString()).toBe('went on\n');
  });

  test('the first command sees $? = 0 and no arguments', async () => {
    expect((await exec('echo "$? $# $-"')).stdout.toString()).toMatch(/^0 0 s?\n$/);
  });

  test('a syntax error is exit 2 of the script, and nothing before it has run', async () => {
    const ended = await exec('echo before\nif true; then');
    expect(ended.exit).toBe(2);
    expect(ended.stdout.toString()).toBe('');
    expect(ended.stderr).toContain('Syntax error');
  });

  test('the last line may be a comment, a continued line or a here-document', async () => {
    expect((await exec('echo one # comment')).stdout.toString()).toBe('one\n');
    expect((await exec('echo two \\')).stdout.toString()).toBe('two\n');
    expect((await exec('cat <<X\nthree\nX')).stdout.toString()).toBe('three\n');
  });
});

describe('what a script printed', () => {
  test('stdout is bytes', async () => {
    const ended = await exec(String.raw`printf '\377\000\001\200'`);
    expect([...ended.stdout]).toEqual([0xff, 0, 1, 0x80]);
  });

  test('a character cut between two packets of stderr stays whole', async () => {
    const ended = await exec(String.raw`printf '\303' >&2; sleep 0.02; printf '\251' >&2`);
    expect(ended.stderr).toBe('é');
  });

  test('8 MiB, four times the window, pass unharmed', async () => {
    const ended = await exec('head -c 8388608 /dev/zero');
    expect(ended.stdout.length).toBe(8 * 1024 * 1024);
  });

  test('more than 64 MiB are an error, not half an answer', async () => {
    const error = await rejection(exec('cat /dev/zero'), OutputTooLarge);
    expect(error.trouble).toMatchObject({ host: 'svr1', command: 'cat /dev/zero', ended: 'killed' });
  });

  test('of stderr the last 256 KiB are kept', async () => {
    const { stderr } = await exec('yes noise | head -c 900000 >&2; echo the end >&2');
    expect(stderr.length).toBe(256 * 1024);
    expect(stderr.endsWith('noise\nthe end\n')).toBe(true);
  });

  test('a secret of the script is masked in its stderr', async () => {
    const secret = new Secret("it's s3cret");
    const script = sh`echo ${secret} >&2; echo ${secret}`;
    const ended = await host().connection.exec(script, { timeoutMs: 5_000 });
    expect(ended.stderr).toBe('[secret]\n');
    expect(ended.stdout.toString()).toBe("it's s3cret\n");
  });
});

describe('how a script gets there', () => {
  test('its stdin is empty', async () => {
    expect((await exec('cat; echo "read $?"')).stdout.toString()).toBe('read 0\n');
    expect((await exec('read -r line; echo "[$line]"; trap "cat; echo over" EXIT')).stdout.toString()).toBe(
      '[]\nover\n',
    );
  });

  test.each([
    ['just below the limit of one group', 128 * 1024 - 200],
    ['just above it', 128 * 1024 + 200],
    ['1 MiB', 1024 * 1024],
  ])('a script of %s runs, stdin empty too', async (_name, sizeChars) => {
    const line = `: ${'x'.repeat(97)}\n`;
    const script = line.repeat(Math.floor(sizeChars / line.length));
    const ended = await exec(`${script}cat; echo "end of ${script.length}"`);
    expect(ended.stdout.toString()).toBe(`end of ${script.length}\n`);
  });

  test('1 MiB of the shortest commands does not overflow the stack of sh', async () => {
    const ended = await exec(`${':\n'.repeat(512 * 1024)}echo over`);
    expect(ended.stdout.toString()).toBe('over\n');
  });

  test('a NUL byte is refused before anything is sent', async () => {
    await expect(exec('echo a\0b')).rejects.toThrow(TypeError);
  });

  test('as root by default, as the login user when asked to', async () => {
    expect((await exec('echo "$FAKE_ROOT"', true)).stdout.toString()).toBe('1\n');
    expect((await exec('echo "$FAKE_ROOT"', false)).stdout.toString()).toBe('\n');
  });

  test('errors show one line of the script and none of its secrets', async () => {
    const secret = new Secret("top'secret");
    const script = sh`\n  printf %s ${secret} > /dev/null; sleep 9\necho unseen`;
    const error = await rejection(host().connection.exec(script, { timeoutMs: 50 }), Error);
    const text = everythingOf(error as never);
    expect(text).toContain('printf %s [secret] > /dev/null; sleep 9 …');
    expect(text).not.toContain('top');
    expect(text).not.toContain('unseen');
  });
});
