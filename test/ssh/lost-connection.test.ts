import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/core/connection.ts';
import { EXIT } from '../../src/core/error.ts';
import { rawScript } from '../../src/core/script.ts';
import { CommandTimeout, connect, ConnectionLost } from '../../src/transport/index.ts';
import { rejection, until } from './host.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let connection: Connection;
beforeEach(async () => {
  server = await startServer();
  connection = await connect(server.target());
});
afterEach(async () => {
  await connection.close();
  await server.close();
});

describe('a lost connection', () => {
  test('in the middle of a script is an error of its own, with nothing of half an answer', async () => {
    const running = connection.exec(rawScript('echo half; sleep 60'), { timeoutMs: 9_000 });
    running.catch(() => {});
    await until(() => connection.traffic.execs === 1 && server.children.length === 1);
    server.cut();
    const error = await rejection(running, ConnectionLost);
    expect(error.exit).toBe(EXIT.unreachable);
    expect(error.trouble).toMatchObject({
      host: 'svr1',
      command: 'echo half; sleep 60',
      ended: 'connection lost',
    });
  });

  test('ends every script that runs or waits', async () => {
    const all = Array.from({ length: 8 }, () => connection.exec(rawScript('sleep 60'), { timeoutMs: 9_000 }));
    const outcomes = Promise.allSettled(all);
    await until(() => server.children.length === 5);
    server.cut();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(ConnectionLost) });
    }
  });

  test('is told at once to whoever asks later', async () => {
    server.cut();
    await until(() => true);
    const startedAt = performance.now();
    await rejection(connection.exec(rawScript('true'), { timeoutMs: 9_000 }), ConnectionLost);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  test('in the middle of a zx command is the same error, under nothrow too', async () => {
    const $ = await connection.shell({ timeoutMs: 9_000 });
    const running = [$`echo half; sleep 60`, $({ nothrow: true })`sleep 60`].map((p) =>
      rejection(Promise.resolve(p), ConnectionLost),
    );
    await until(() => server.children.length === 2);
    server.cut();
    const [error] = await Promise.all(running);
    expect(error?.trouble.command).toBe('echo half; sleep 60');
  });

  test('is noticed by keepalive when the host falls silent', async () => {
    const watched = await connect(server.target(), { keepaliveMs: 40 });
    const running = watched.exec(rawScript('kill -STOP $$'), { timeoutMs: 9_000 });
    running.catch(() => {});
    await until(() => server.children.length === 1);
    server.freeze();
    const error = await rejection(running, ConnectionLost);
    expect(error.trouble.why).toEqual(['Keepalive timeout']);
    await watched.close();
    server.cut();
  });
});

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe('closing', () => {
  test('resolves when closed, ends what runs, and may be repeated', async () => {
    const running = connection.exec(rawScript('sleep 60'), { timeoutMs: 9_000 });
    running.catch(() => {});
    await until(() => server.children.length === 1);
    await connection.close();
    await connection.close();
    await rejection(running, ConnectionLost);
  });

  test('does not wait for a host that fell silent', async () => {
    server.freeze();
    const startedAt = performance.now();
    await connection.close();
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  test('leaves no timer that keeps the process alive', async () => {
    const before = timers();
    const other = await connect(server.target());
    await other.exec(rawScript('true'), { timeoutMs: 60_000 });
    await rejection(other.exec(rawScript('sleep 9'), { timeoutMs: 10 }), CommandTimeout);
    await other.close();
    expect(timers()).toBeLessThanOrEqual(before);
  });
});
