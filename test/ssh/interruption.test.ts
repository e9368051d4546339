import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/core/connection.ts';
import { EXIT } from '../../src/core/error.ts';
import { rawScript } from '../../src/core/script.ts';
import { CommandAborted, CommandTimeout, connect } from '../../src/transport/index.ts';
import { isAlive, rejection, until } from './host.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let connection: Connection;
beforeEach(async () => {
  server = await startServer();
  connection = await connect(server.target(), { killGraceMs: 200 });
});
afterEach(async () => {
  await connection.close();
  await server.close();
});

/** A file on the host into which scripts write the pids of what they leave behind. */
const pidFile = () => `${server.directory}/pids`;
async function pids(count: number): Promise<readonly number[]> {
  let found: readonly number[] = [];
  const { stdout } = await connection.exec(
    rawScript(`until [ "$(wc -l < ${pidFile()})" = ${count} ]; do sleep 0.01; done; cat ${pidFile()}`),
    { timeoutMs: 3_000 },
  );
  found = stdout.toString().trim().split('\n').map(Number);
  return found;
}

/** A shell, its child, and a grandchild in the background. */
const family = () => `echo $$ >> ${pidFile()}
sh -c 'sleep 60 & echo $! >> ${pidFile()}; wait' &
echo $! >> ${pidFile()}
wait`;

describe('a timeout', () => {
  test.each([true, false])('kills the process group, grandchildren included (become: %s)', async (become) => {
    const running = connection.exec(rawScript(family()), { timeoutMs: 250, become });
    running.catch(() => {});
    const born = await pids(3);
    expect(born.map(isAlive)).toEqual([true, true, true]);
    const error = await rejection(running, CommandTimeout);
    expect(error.exit).toBe(EXIT.failed);
    expect(error.trouble).toMatchObject({ host: 'svr1', ended: 'timed out after 0.3 s' });
    expect(error.trouble.command).toContain(`echo $$ >>`);
    expect(born.map(isAlive)).toEqual([false, false, false]);
  });

  test('kills what ignores SIGTERM after a grace', async () => {
    const running = connection.exec(rawScript(`trap '' TERM; ${family()}`), { timeoutMs: 600 });
    running.catch(() => {});
    const born = await pids(3);
    await rejection(running, CommandTimeout);
    await until(() => !born.some(isAlive));
  });

  test('reaches a script that left a process holding its output', async () => {
    const running = connection.exec(rawScript(`sleep 60 & echo $! >> ${pidFile()}`), { timeoutMs: 600 });
    running.catch(() => {});
    const [sleeper = 0] = await pids(1);
    await rejection(running, CommandTimeout);
    expect(isAlive(sleeper)).toBe(false);
  });

  test('leaves the connection usable', async () => {
    await rejection(connection.exec(rawScript('sleep 60'), { timeoutMs: 30 }), CommandTimeout);
    const ended = await connection.exec(rawScript('echo still here'), { timeoutMs: 3_000 });
    expect(ended.stdout.toString()).toBe('still here\n');
  });
});

describe('an abort', () => {
  test('kills the process group and is an interruption', async () => {
    const abort = new AbortController();
    const running = connection.exec(rawScript(family()), { timeoutMs: 9_000, signal: abort.signal });
    running.catch(() => {});
    const born = await pids(3);
    abort.abort();
    const error = await rejection(running, CommandAborted);
    expect(error.exit).toBe(EXIT.interrupted);
    expect(born.map(isAlive)).toEqual([false, false, false]);
  });

  test('before the start runs nothing', async () => {
    const options = { timeoutMs: 9_000, signal: AbortSignal.abort() };
    await rejection(connection.exec(rawScript('true'), options), CommandAborted);
    expect(server.lines).toEqual([]);
  });
});
