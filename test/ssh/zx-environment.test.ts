import { afterAll, expect, test, vi } from 'vitest';
import { rejection, useHost } from './host.ts';
import { CommandTimeout } from '../../src/transport/index.ts';

// Before zx is loaded: it reads them once.
vi.hoisted(() => {
  Object.assign(process.env, {
    ZX_VERBOSE: 'true',
    ZX_QUIET: 'false',
    ZX_SHELL: '/bin/false',
    ZX_PREFIX: 'exit 9;',
    ZX_POSTFIX: '; exit 8',
    ZX_CWD: '/nonexistent',
    ZX_TIMEOUT: '1ms',
    ZX_TIMEOUT_SIGNAL: 'SIGKILL',
    ZX_KILL_SIGNAL: 'SIGUSR1',
    ZX_DETACHED: 'true',
    ZX_PREFER_LOCAL: 'true',
  });
});

const host = useHost();
const printed = vi.spyOn(process.stderr, 'write');
afterAll(() => printed.mockRestore());

test('no ZX_ variable changes a command on a host', async () => {
  const $ = await host().connection.shell({ timeoutMs: 5_000 });
  const output = await $`sleep 0.05; echo $0; kill -l 15; echo noise >&2`;
  expect(output).toMatchObject({ exitCode: 0, stdout: 'sh\nTERM\n', stderr: 'noise\n' });
  const killed = $({ nothrow: true })`sleep 60`;
  await killed.kill();
  expect((await killed).signal).toBe('SIGTERM');
  await rejection(Promise.resolve($`sleep 60`.timeout(20)), CommandTimeout);
  expect(printed).not.toHaveBeenCalled();
});
