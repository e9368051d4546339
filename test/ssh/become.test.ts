import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/core/connection.ts';
import { BecomeFailed, EXIT } from '../../src/core/error.ts';
import type { Become } from '../../src/core/inventory.ts';
import { rawScript } from '../../src/core/script.ts';
import { Secret } from '../../src/core/secret.ts';
import { CommandTimeout, connect } from '../../src/transport/index.ts';
import { everythingOf, rejection } from './host.ts';
import { type ServerOptions, startServer, type TestServer } from './server.ts';

let server: TestServer;
let connection: Connection;
afterEach(async () => {
  await connection.close();
  await server.close();
});

async function start(options: ServerOptions, become: Partial<Become> = {}, user = 'deploy'): Promise<void> {
  server = await startServer(options);
  const target = server.target({ user, become: { enabled: true, user: 'root', ...become } });
  connection = await connect(target);
}

const run = (text: string) => connection.exec(rawScript(text), { timeoutMs: 3_000 });
const withPassword = (text: string) => ({ password: new Secret(text, 'BECOME_PASS') });
const wants = (what: string) => ({ env: { FAKE_SUDO: what } });

describe('with the right password', () => {
  test('a script runs as root, and nothing of the dialogue is left in its output', async () => {
    await start(wants('password'), withPassword('hunter2'));
    const ended = await run('echo "root $FAKE_ROOT"; cat; echo words >&2');
    expect(ended.stdout.toString()).toBe('root 1\n');
    expect(ended.stderr).toBe('words\n');
  });

  test('a script of 1 MiB, a zx command and its input do too', async () => {
    await start(wants('password'), withPassword('hunter2'));
    const long = await run(`${': xxxxxxxxxxxxxxxx\n'.repeat(60_000)}echo over`);
    expect(long.stdout.toString()).toBe('over\n');
    const $ = await connection.shell({ timeoutMs: 3_000 });
    expect((await $({ input: 'hunter2\nrm -rf\n' })`cat; echo $FAKE_ROOT`).stdout).toBe(
      'hunter2\nrm -rf\n1\n',
    );
  });

  test('it is not needed where sudo asks for none', async () => {
    await start({}, withPassword('hunter2'));
    expect((await run('cat; echo "root $FAKE_ROOT"')).stdout.toString()).toBe('root 1\n');
  });

  test('a timeout kills through the same dialogue', async () => {
    await start(wants('password'), withPassword('hunter2'));
    const running = connection.exec(rawScript('sleep 60'), { timeoutMs: 600 });
    await rejection(running, CommandTimeout);
    expect(server.lines.length).toBe(2);
  });
});

describe('sudo refuses', () => {
  test('a wrong password at once, tried once, shown nowhere, and the script is not sent', async () => {
    await start(wants('password'), withPassword('wr0ng'));
    const error = await rejection(run('echo the script'), BecomeFailed);
    expect(error.exit).toBe(EXIT.unreachable);
    expect(error.trouble).toMatchObject({ host: 'svr1', what: 'sudo did not accept the password' });
    expect(everythingOf(error)).not.toContain('wr0ng');
    expect(readFileSync(`${server.directory}/tries`, 'utf8')).toBe('wr0ng\n');
  });

  test.each([
    ['password', 'sudo wants a password', /ansible_become_password.*NOPASSWD/],
    ['denied', 'the login user may not use sudo', /usermod -aG sudo deploy/],
    ['tty', 'sudo insists on a terminal', /Defaults:deploy !requiretty/],
    ['odd', 'sudo did not run the command', /as deploy: sudo -n true/],
  ])('%s: says what and how to mend it, whatever the exit code', async (kind, what, hint) => {
    await start(wants(kind));
    const error = await rejection(run('true'), BecomeFailed);
    expect(error.trouble).toMatchObject({ host: 'svr1', what, hint: expect.stringMatching(hint) });
    expect(error.trouble.why?.join()).toMatch(/sudo/);
  });

  test('with the same error in zx, under nothrow too', async () => {
    await start(wants('denied'));
    const $ = await connection.shell({ timeoutMs: 3_000 });
    await rejection(Promise.resolve($({ nothrow: true })`true`), BecomeFailed);
  });

  test('a user that does not exist', async () => {
    await start({}, { user: 'nobody-here' });
    const error = await rejection(run('true'), BecomeFailed);
    expect(error.trouble.hint).toBe('correct ansible_become_user');
  });

  test('by not being there', async () => {
    await start({ env: { PATH: '/nonexistent' }, loginShell: ['/bin/sh', '-c'] });
    const error = await rejection(run('true'), BecomeFailed);
    expect(error.trouble).toMatchObject({ what: 'there is no sudo on the host' });
  });
});

describe('without sudo', () => {
  test('nothing is asked of it when become is off, or the login user is the wanted one', async () => {
    await start(wants('denied'), { enabled: false });
    expect((await run('echo fine')).stdout.toString()).toBe('fine\n');
    expect(server.lines).toEqual(['exec sh -s']);
    await connection.close();
    await server.close();
    await start(wants('denied'), {}, 'root');
    expect((await run('echo fine')).stdout.toString()).toBe('fine\n');
  });

  test('a login without a shell is an error, whatever its exit code', async () => {
    await start({
      loginShell: ['sh', '-c', 'echo This account is currently not available.; exit 0', 'nologin'],
    });
    const error = await rejection(
      connection.exec(rawScript('true'), { timeoutMs: 3_000, become: false }),
      BecomeFailed,
    );
    expect(error.trouble.what).toBe('the login user gets no POSIX shell');
    expect(error.trouble.why).toEqual(['This account is currently not available.']);
  });

  test('noise of the login shell’s rc files is no output of the script', async () => {
    const rc = 'echo Welcome!; echo "stty: not a tty" >&2; eval "$1"';
    await start({ loginShell: ['sh', '-c', rc, 'bash'] });
    const ended = await run('echo result; echo words >&2');
    expect(ended.stdout.toString()).toBe('result\n');
    expect(ended.stderr).toBe('words\n');
  });
});
