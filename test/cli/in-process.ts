import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { main } from '../../src/cli/main.ts';
import type { World } from '../../src/cli/world.ts';
import { Sink } from '../report/sink.ts';

export const PROJECT = fileURLToPath(new URL('project', import.meta.url));

export interface WorldOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** What is typed; a terminal when given. */
  readonly typed?: string;
}

/** A process's surroundings whose output is kept. */
export function fakeWorld({ env = { LANG: 'C.UTF-8' }, cwd = PROJECT, typed }: WorldOptions = {}) {
  const isTTY = typed !== undefined;
  const stdin = Object.assign(Readable.from(isTTY ? [typed] : []), { isTTY });
  const [stdout, stderr] = [new Sink(), new Sink({ isTTY })];
  const world: World = {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: { XDG_STATE_HOME: process.env['XDG_STATE_HOME'], ...env },
    cwd,
    self: ['false'],
    secrets: [],
  };
  return { world, stdout, stderr };
}

/** What a command line prints, and its exit code. */
export async function runMain(args: readonly string[], options?: WorldOptions) {
  const { world, stdout, stderr } = fakeWorld(options);
  const exit = await main(args, world);
  return { exit, stdout: stdout.text, stderr: stderr.text };
}
