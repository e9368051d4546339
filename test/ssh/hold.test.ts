import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Connection, Held } from '../../src/core/connection.ts';
import { rawScript, sh, type Script } from '../../src/core/script.ts';
import { CommandAborted } from '../../src/transport/error.ts';
import { connect, ConnectionLost } from '../../src/transport/index.ts';
import { rejection, until } from './host.ts';
import { startServer, type ServerOptions, type TestServer } from './server.ts';

let server: TestServer;
const connections: Connection[] = [];

afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
  await server.close();
});

async function controller(): Promise<Connection> {
  const connection = await connect(server.target());
  connections.push(connection);
  return connection;
}

async function twoControllers(options: ServerOptions = {}): Promise<readonly [Connection, Connection]> {
  server = await startServer(options);
  return [await controller(), await controller()];
}

/** As the lock of a host, but on a file of the test's own. */
function lock(patience = '-n'): Script {
  return sh`exec 9>>${join(server.directory, 'lock')}
flock ${rawScript(patience)} 9 || exit 75
echo held
cat >/dev/null`;
}

function hold(
  connection: Connection,
  patience?: string,
  signal?: AbortSignal,
): Promise<Held | { exit: unknown }> {
  return connection.hold(lock(patience), { timeoutMs: 10_000, beatMs: 60_000, ...(signal && { signal }) });
}

async function held(connection: Connection, patience?: string): Promise<Held> {
  const got = await hold(connection, patience);
  if (!('release' in got)) {
    throw new Error(`not held: exit ${String(got.exit)}`);
  }
  return got;
}

async function heldWith(connection: Connection, script: string, beatMs: number): Promise<Held> {
  const answer = await connection.hold(rawScript(script), { timeoutMs: 9_000, beatMs });
  if (!('release' in answer)) {
    throw new Error(`it ended: ${answer.stderr}`);
  }
  return answer;
}

const ends = (connection: Connection, script: string) =>
  rejection(connection.exec(rawScript(script), { timeoutMs: 9_000 }), ConnectionLost);

describe.each([
  ['many sessions', {}],
  ['one session on each connection', { maxSessions: 1 }],
])('what is held on a host with %s', (_, options) => {
  test('is held by one at a time, while other scripts run beside it', async () => {
    const [one, other] = await twoControllers(options);
    const mine = await held(one);
    expect(await hold(other)).toMatchObject({ exit: 75 });
    const { stdout } = await one.exec(rawScript('echo beside it'), { timeoutMs: 5_000 });
    expect([stdout.toString(), mine.state()]).toEqual(['beside it\n', 'held']);
    await mine.release();
    expect(mine.state()).toBe('released');
    await (await held(other)).release();
  });

  test('leaves nothing behind on the host once it is released', async () => {
    const [one] = await twoControllers(options);
    const mine = await held(one);
    await mine.release();
    await until(() =>
      server.children.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null),
    );
  });

  test('hears of its holder again and again', async () => {
    const [connection] = await twoControllers(options);
    // Ends, and not well, when two lines do not come.
    const mine = await heldWith(
      connection,
      'echo held; read -r a && read -r b && touch "$HOME/heard" && cat',
      20,
    );
    await expect
      .poll(async () => {
        const { exit } = await connection.exec(rawScript('test -e "$HOME/heard"'), { timeoutMs: 9_000 });
        return exit;
      })
      .toBe(0);
    await connection.exec(rawScript('rm "$HOME/heard"'), { timeoutMs: 9_000 });
    await mine.release();
  });

  test('is released without a loss', async () => {
    const [connection] = await twoControllers(options);
    const mine = await heldWith(connection, 'echo held; cat', 60_000);
    await mine.release();
    const { exit } = await connection.exec(rawScript('true'), { timeoutMs: 9_000 });
    expect(exit).toBe(0);
  });

  test('takes the connection with it when it ends before: nobody goes on without it', async () => {
    const [connection, other] = await twoControllers(options);
    const script = 'echo held; until test -e "$HOME/enough"; do read -r a || exit; done';
    const mine = await heldWith(connection, script, 20);
    await other.exec(rawScript('touch "$HOME/enough"'), { timeoutMs: 9_000 });
    const error = await ends(connection, 'sleep 60');
    expect(error.trouble.why?.join()).toContain('given up there');
    expect(mine.state()).toBe('lost');
    await other.exec(rawScript('rm "$HOME/enough"'), { timeoutMs: 9_000 });
    await mine.release();
  });

  test('ends with its connection, released or not', async () => {
    const [one, other] = await twoControllers(options);
    const mine = await held(one);
    await one.close();
    await (await held(other, '-w 5')).release();
    await mine.release();
    await other.close();
    await until(() => server.clients() === 0);
  });

  test('is told of when the host ends it, and when the connection is lost', async () => {
    const [one, other] = await twoControllers(options);
    const mine = await held(one);
    const pids = sh`for fd in /proc/[0-9]*/fd/9; do
  [ "$(readlink "$fd")" != ${join(server.directory, 'lock')} ] || { pid=${rawScript('${fd%/fd/9}')}; kill "${rawScript('${pid#/proc/}')}"; }
done`;
    await other.exec(pids, { timeoutMs: 5_000 });
    await until(() => mine.state() === 'ended');
    await ends(one, ':');
    const again = await held(await controller());
    server.cut();
    await until(() => again.state() === 'lost');
    const late = await held(await controller(), '-w 5');
    await late.release();
  });
});

test('a wait ends when it is given up, and takes nothing afterwards', async () => {
  const [one, other] = await twoControllers();
  const mine = await held(one);
  const given = new AbortController();
  const waiting = hold(other, '-w 30', given.signal);
  await until(() => server.children.length >= 3);
  given.abort();
  await rejection(waiting, CommandAborted);
  await mine.release();
  const last = await held(await controller());
  await last.release();
});

test('a wait ends as soon as it is free', async () => {
  const [one, other] = await twoControllers();
  const mine = await held(one);
  const waiting = held(other, '-w 30');
  await until(() => server.children.length >= 3);
  await mine.release();
  const theirs = await waiting;
  expect(theirs.state()).toBe('held');
  await theirs.release();
});
