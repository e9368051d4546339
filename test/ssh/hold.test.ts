import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connection, Held } from '../../src/core/connection.ts';
import { rawScript } from '../../src/core/script.ts';
import { connect, ConnectionLost } from '../../src/transport/index.ts';
import { rejection } from './host.ts';
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

async function held(script: string, beatMs: number): Promise<Held> {
  const answer = await connection.hold(rawScript(script), { timeoutMs: 9_000, beatMs });
  if (!('release' in answer)) {
    throw new Error(`it ended: ${answer.stderr}`);
  }
  return answer;
}

const ends = (script: string) =>
  rejection(connection.exec(rawScript(script), { timeoutMs: 9_000 }), ConnectionLost);

describe('what is held', () => {
  test('hears of its holder again and again', async () => {
    // Ends, and not well, when two lines do not come.
    const lock = await held('echo held; read -r a && read -r b && touch "$HOME/heard" && cat', 20);
    await expect
      .poll(async () => {
        const { exit } = await connection.exec(rawScript('test -e "$HOME/heard"'), { timeoutMs: 9_000 });
        return exit;
      })
      .toBe(0);
    await connection.exec(rawScript('rm "$HOME/heard"'), { timeoutMs: 9_000 });
    await lock.release();
  });

  test('is released without a loss', async () => {
    const lock = await held('echo held; cat', 60_000);
    await lock.release();
    const { exit } = await connection.exec(rawScript('true'), { timeoutMs: 9_000 });
    expect(exit).toBe(0);
  });

  test('takes the connection with it when it ends before: nobody goes on without it', async () => {
    const lock = await held('echo held; read -r a', 20);
    const error = await ends('sleep 60');
    expect(error.trouble.why?.join()).toContain('given up there');
    await lock.release();
  });
});
