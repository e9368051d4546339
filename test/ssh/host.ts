import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import type { ProcessOutput, ProcessPromise } from 'zx/core';
import type { Connection } from '../../src/core/connection.ts';
import { RunError } from '../../src/core/error.ts';
import type { Target } from '../../src/core/inventory.ts';
import { connect } from '../../src/transport/index.ts';
import { type ServerOptions, startServer, type TestServer } from './server.ts';

export interface TestHost {
  readonly server: TestServer;
  readonly connection: Connection;
}

/** A server and a connection to it for all tests of a file or a describe block. */
export function useHost(options: ServerOptions = {}, changes: Partial<Target> = {}): () => TestHost {
  let host: TestHost | undefined;
  beforeAll(async () => {
    const server = await startServer(options);
    host = { server, connection: await connect(server.target(changes)) };
  });
  afterAll(async () => {
    await host?.connection.close();
    await host?.server.close();
  });
  return () => {
    if (host === undefined) {
      throw new Error('the host is there from beforeAll to afterAll');
    }
    return host;
  };
}

/** The error that `action` must reject with, of exactly the given class. */
export async function rejection<E extends Error>(
  action: Promise<unknown>,
  type: abstract new (...args: never[]) => E,
): Promise<E> {
  const outcome = await action.then(
    () => new Error('it did not reject'),
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(type);
  return outcome as E;
}

/** The output a command fails with. */
export async function failure(command: ProcessPromise): Promise<ProcessOutput> {
  return command.then(
    () => {
      throw new Error('it did not fail');
    },
    (output: ProcessOutput) => output,
  );
}

/** Everything a RunError says, as one text. */
export function everythingOf(error: RunError): string {
  return [error.message, error.stack, JSON.stringify(error.trouble)].join('\n');
}

/** Polls until `condition` holds; fails after 2 s. */
export async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 2_000, interval: 5 }).toBe(true);
}

/** Whether a process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
