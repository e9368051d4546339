import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Connection } from '../../src/core/connection.ts';
import { HostFailed } from '../../src/core/error.ts';
import { rawScript } from '../../src/core/script.ts';
import { outputOf } from '../../src/queries/output.ts';
import { probe } from '../../src/stages/probe.ts';

const greeting = outputOf(rawScript('echo hello'));

/** Runs scripts here; the first `cut` replies lose their end. */
function connectionThatCuts(cut: number): { readonly connection: Connection; readonly asked: () => number } {
  let asked = 0;
  const connection = {
    host: 'svr1',
    exec: (script: { readonly text: string }) => {
      asked += 1;
      const { stdout, stderr } = spawnSync('sh', { input: script.text });
      const kept = asked <= cut ? stdout.subarray(0, -3) : stdout;
      return Promise.resolve({ exit: 0, signal: undefined, stdout: kept, stderr: stderr.toString() });
    },
  } as unknown as Connection;
  return { connection, asked: () => asked };
}

test('a whole reply is asked for once', async () => {
  const { connection, asked } = connectionThatCuts(0);
  expect((await probe(connection, [greeting])).answer(greeting).stdout).toBe('hello\n');
  expect(asked()).toBe(1);
});

test('a reply that is not whole is asked for again', async () => {
  const { connection, asked } = connectionThatCuts(2);
  expect((await probe(connection, [greeting])).answer(greeting).stdout).toBe('hello\n');
  expect(asked()).toBe(3);
});

test('a reply that is never whole is an error, not an answer', async () => {
  const { connection, asked } = connectionThatCuts(9);
  const error = await probe(connection, [greeting]).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(HostFailed);
  expect((error as HostFailed).trouble.what).toContain('3 times in a row');
  expect(asked()).toBe(3);
});
