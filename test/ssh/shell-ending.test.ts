import { beforeAll, describe, expect, test } from 'vitest';
import { sh } from '../../src/core/script.ts';
import type { Shell } from '../../src/core/shell.ts';
import { CommandAborted, CommandTimeout } from '../../src/transport/index.ts';
import { failure, isAlive, rejection, until, useHost } from './host.ts';

const host = useHost();
let $: Shell;
beforeAll(async () => {
  $ = await host().connection.shell({ timeoutMs: 5_000 });
});

/** A command that leaves the pid of its sleeping child in a file. */
const sleeper = (shell: Shell, name: string) => shell`sleep 60 & echo $! > ${pidFile(name)}; wait`;
const pidFile = (name: string) => `${host().server.directory}/${name}`;

async function pidOf(name: string): Promise<number> {
  const script = sh`until [ -s ${pidFile(name)} ]; do sleep 0.01; done; cat ${pidFile(name)}`;
  const { stdout } = await host().connection.exec(script, { timeoutMs: 3_000 });
  return Number(stdout.toString());
}

describe('ending a command early', () => {
  test('kill() sends the signal to all it started', async () => {
    const command = sleeper($, 'killed');
    const pid = await pidOf('killed');
    await command.kill('SIGHUP');
    const output = await failure(command);
    expect(output.signal ?? output.exitCode).toBe('SIGHUP');
    expect(isAlive(pid)).toBe(false);
  });

  test('kill() before it started leaves nothing behind', async () => {
    const command = $`sleep 60`;
    void command.kill();
    expect((await failure(command)).signal).toBe('SIGTERM');
  });

  test.each([
    ['of the connection', 'a', () => sleeper($, 'a')],
    ['of the command', 'b', () => sleeper($({ timeout: '600ms' }), 'b')],
    ['set later', 'c', () => sleeper($, 'c').timeout('600ms')],
    ['under nothrow', 'd', () => sleeper($({ timeout: 600, nothrow: true }), 'd')],
  ])('a timeout %s is a CommandTimeout and kills all it started', async (_name, name, start) => {
    const short = await host().connection.shell({ timeoutMs: 600 });
    const command = name === 'a' ? sleeper(short, 'a') : start();
    const error = rejection(Promise.resolve(command), CommandTimeout);
    const pid = await pidOf(name);
    expect((await error).trouble.command).toContain('sleep 60 & echo $! >');
    expect(isAlive(pid)).toBe(false);
  });

  test('abort() and an aborted signal are a CommandAborted and kill all it started', async () => {
    const own = sleeper($, 'aborted');
    const pid = await pidOf('aborted');
    own.abort();
    await rejection(Promise.resolve(own), CommandAborted);
    await until(() => !isAlive(pid));
    const abort = new AbortController();
    const given = $({ signal: abort.signal })`sleep 60`;
    abort.abort();
    await rejection(Promise.resolve(given), CommandAborted);
    await rejection(Promise.resolve($({ signal: AbortSignal.abort() })`true`), CommandAborted);
  });

  test('pids are beyond those of any kernel, so that no process of this machine is hit', () => {
    const command = $`true`;
    expect(command.pid).toBeGreaterThan(2 ** 32 - 1);
    expect(() => process.kill(command.pid ?? 0, 0)).toThrow();
    return command;
  });
});
