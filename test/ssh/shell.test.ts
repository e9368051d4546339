import { PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { sh } from '../../src/core/script.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Shell } from '../../src/core/shell.ts';
import { CommandTimeout, commandTrouble } from '../../src/transport/index.ts';
import { failure, rejection, until, useHost } from './host.ts';

const host = useHost({ env: { WHERE: 'on the host' } });
let $: Shell;
beforeAll(async () => {
  $ = await host().connection.shell({ timeoutMs: 5_000 });
});

describe('a command', () => {
  test('runs on the host as root', async () => {
    const output = await $`echo "$WHERE, root: $FAKE_ROOT"`;
    expect(output.stdout).toBe('on the host, root: 1\n');
    expect(output.exitCode).toBe(0);
  });

  test('runs under sh -eu: a failing step and an unset variable end it', async () => {
    expect((await failure($`false; echo unseen`)).stdout).toBe('');
    const unset = await failure($`echo "$NOT_SET"; echo unseen`);
    expect(unset.stdout).toBe('');
    expect(unset.exitCode).toBe(2);
  });

  test('fails with its exit code, its stderr and the line it was written in', async () => {
    const output = await failure($`echo why >&2; exit 42`);
    expect(output).toMatchObject({ exitCode: 42, signal: null, stderr: 'why\n' });
    expect(output.message).toContain('shell.test.ts:');
    expect(output.message).toContain('why');
  });

  test('tells host, command, end, evidence and place of its failure', async () => {
    const trouble = commandTrouble(await failure($`echo why >&2; exit 42`));
    expect(trouble).toMatchObject({
      host: 'svr1',
      command: 'echo why >&2; exit 42',
      ended: 'exit 42',
      why: ['why'],
      from: expect.stringMatching(/^test\/ssh\/shell\.test\.ts:\d+$/),
    });
    expect(commandTrouble(new Error('another'))).toBeUndefined();
  });

  test('that a signal ended says so', async () => {
    const output = await failure($`kill -9 $$`);
    expect(output).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    expect(commandTrouble(output)?.ended).toBe('signal SIGKILL');
  });

  test('under nothrow answers with its exit code', async () => {
    expect((await $({ nothrow: true })`exit 3`).exitCode).toBe(3);
    expect((await $`exit 4`.nothrow()).exitCode).toBe(4);
    expect(await $`exit 5`.exitCode).toBe(5);
  });

  test('finds its stdin closed', async () => {
    expect((await $`cat; echo over`).stdout).toBe('over\n');
  });

  test('without await fails loudly', async () => {
    const listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    void $`exit 9`;
    await until(() => unhandled.mock.calls.length > 0);
    process.removeAllListeners('unhandledRejection');
    listeners.forEach((listener) => process.on('unhandledRejection', listener));
    expect(unhandled.mock.calls[0]?.[0]).toMatchObject({ exitCode: 9 });
  });

  test('cannot be synchronous, nor take over what is the transport’s', () => {
    expect(() => $.sync`true`).toThrow(TypeError);
    expect(() => $({ shell: '/bin/bash' })).toThrow('the option shell cannot be set');
    expect(() => $({ sync: true })).toThrow(TypeError);
  });
});

describe('input', () => {
  test.each([
    ['a string', 'line 1\nline 2 ä'],
    ['a buffer', Buffer.from('line 1\nline 2 ä')],
  ])('%s arrives byte for byte, nothing of it is taken for the script', async (_name, input) => {
    expect((await $({ input })`cat`).stdout).toBe('line 1\nline 2 ä');
  });

  test('of 4 MiB arrives whole', async () => {
    const output = await $({ input: Buffer.alloc(4 * 1024 * 1024, 'x') })`wc -c`;
    expect(output.stdout.trim()).toBe(String(4 * 1024 * 1024));
  });

  test('that is empty does not leave the command waiting', async () => {
    expect((await $({ input: '' })`cat; echo over`).stdout).toBe('over\n');
    expect((await $({ input: Buffer.alloc(0) })`cat; echo over`).stdout).toBe('over\n');
  });

  test('that nobody reads harms nothing', async () => {
    expect((await $({ input: Buffer.alloc(4 * 1024 * 1024) })`echo over`).stdout).toBe('over\n');
  });

  test('may be the output of another command', async () => {
    const first = await $`echo from the first`;
    expect((await $({ input: first })`cat`).stdout).toBe('from the first\n');
  });

  test('can be written while the command runs', async () => {
    const command = $({ stdio: 'pipe' })`read -r line; echo "got $line"`;
    command.stdin.end('it\n');
    expect((await command).stdout).toBe('got it\n');
  });
});

describe('output', () => {
  test('a character cut between two packets stays whole', async () => {
    const output =
      await $`printf '\\303'; printf '\\342' >&2; sleep 0.02; printf '\\251'; printf '\\202\\254' >&2`;
    expect(output.stdout).toBe('é');
    expect(output.stderr).toBe('€');
  });

  test('streams line by line while the command runs', async () => {
    const command = $`echo first; sleep 0.1; echo second`;
    const seen: string[] = [];
    for await (const line of command) {
      seen.push(line);
      expect(command.stage).toBe(seen.length === 1 ? 'running' : command.stage);
    }
    expect(seen).toEqual(['first', 'second']);
  });

  test('.pipe`command` runs on this machine, with the output of the host', async () => {
    const output = await $`echo "$WHERE"`.pipe`cat; echo "\${WHERE:-here}"`;
    expect(output.stdout).toBe('on the host\nhere\n');
  });

  test('.pipe() takes a stream, and a command of the host that wants stdin', async () => {
    const stream = new PassThrough();
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    await $`echo into a stream`.pipe(stream);
    expect(Buffer.concat(chunks).toString()).toBe('into a stream\n');
    const second = $({ stdio: 'pipe' })`tr a-z A-Z; echo "$WHERE"`;
    expect((await $`echo loud`.pipe(second)).stdout).toBe('LOUD\non the host\n');
  });
});

describe('environment', () => {
  test('what the shell is given is exported to every command', async () => {
    const shell = await host().connection.shell({ timeoutMs: 5_000, env: { GREETING: "it's; $(id) ä\n2" } });
    expect((await shell`sh -c 'printf %s "$GREETING"'`).stdout).toBe("it's; $(id) ä\n2");
    await expect(
      host()
        .connection.shell({ timeoutMs: 1, env: { 'A;B': '' } })
        .then((s) => s`true`),
    ).rejects.toThrow(TypeError);
  });

  test('of this machine nothing gets to the host but what the command is given', async () => {
    process.env['RP_HERE'] = 'here';
    const env = { ...process.env, RP_GIVEN: 'given' };
    const output = await $({ env, cwd: '/tmp' })`echo "$RP_GIVEN"; pwd; env | grep -c '^RP_HERE=' || true`;
    delete process.env['RP_HERE'];
    // The server runs on this machine and hands on its environment; the wrapper's text does not.
    expect(output.stdout.split('\n').slice(0, 2)).toEqual(['given', '/tmp']);
    expect(output.stdout).not.toContain('export RP_HERE');
  });
});

describe('a secret', () => {
  const secret = new Secret("s3cret'; $(id)", 'PASS');

  test('reaches the command as it is', async () => {
    expect((await $`printf %s ${secret}`).stdout).toBe(secret.reveal());
    expect((await $`printf %s-%s ${[secret, 'b']} ; ${sh`echo ${secret}`}`).stdout).toContain(
      secret.reveal(),
    );
  });

  test('is masked in all that is shown of the command', async () => {
    const output = await failure($`echo ${secret}; echo no ${secret} >&2; exit 1`);
    const shown = [
      output.message,
      output.stderr,
      String(output.stack),
      inspect(output),
      JSON.stringify(commandTrouble(output)),
    ].join('\n');
    expect(shown).toContain('[secret]');
    expect(shown).not.toContain('s3cret');
    expect(inspect(await $`echo ${secret}`)).not.toContain('s3cret');
    const silent = await failure($`echo ${secret}; exit 1`);
    expect(silent.message).not.toContain('s3cret');
  });

  test('is masked in stderr across packets', async () => {
    const output = await $`printf %s ab${new Secret('cdef')} >&2; printf cd >&2; sleep 0.02; printf efg >&2`;
    expect(output.stderr).toBe('ab[secret][secret]g');
  });

  test('is masked in errors of the transport', async () => {
    const command = $({ timeout: 50 })`sleep 9; echo ${secret}`;
    const error = await rejection(Promise.resolve(command), CommandTimeout);
    expect(error.trouble.command).toBe('sleep 9; echo [secret]');
  });
});
