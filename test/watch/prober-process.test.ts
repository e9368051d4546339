import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { LostSoFar } from '../../src/core/watch.ts';
import { startProberProcess } from '../../src/watch/prober-process.ts';
import type { Sample } from '../../src/watch/sample.ts';
import { at, closedPort, says, serverWith, type TestServer } from './server.ts';

const COMPILED = fileURLToPath(new URL('../../dist/src/watch/prober-process.js', import.meta.url));
const UNAVAILABLE = says('HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n');

function failing([node = '']: readonly string[]): readonly string[] {
  return [node, '--eval', 'throw new Error("no such thing")'];
}

const servers: TestServer[] = [];
const controllers: ChildProcess[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const controller of controllers.splice(0)) controller.kill('SIGKILL');
});

async function serving(...args: Parameters<typeof serverWith>): Promise<TestServer> {
  const server = await serverWith(...args);
  servers.push(server);
  return server;
}

describe('the prober as a process of its own', () => {
  it('tells how the first requests ended, of losses, and at the end of everything', async () => {
    const { port } = await serving({ 5: UNAVAILABLE, 8: UNAVAILABLE });
    const closed = await closedPort();
    const told: LostSoFar[] = [];
    const samples: Sample[] = [];
    const { first, stop } = await startProberProcess(
      { targets: [at(port), at(closed)], intervalMs: 10, everySample: true },
      { onLost: (lost) => told.push(lost), onSample: (sample) => samples.push(sample) },
    );
    expect(first).toEqual([
      { is: 'answered', status: 200 },
      { is: 'lost', reason: 'refused' },
    ]);
    await expect.poll(() => samples.length, { timeout: 5000 }).toBeGreaterThan(30);
    const { targets } = await stop();

    expect(told).toEqual([{ target: 0, reason: 'status 503', lost: 1 }]);
    expect(targets).toMatchObject([
      { target: { port }, lost: 2, reasons: { 'status 503': 2 } },
      { target: { port: closed }, answered: 0, lost: 0 },
    ]);
    expect(samples).toHaveLength(targets.reduce((sum, { sent }) => sum + sent, 0));
  });

  it('says why it could not be started', async () => {
    const start = startProberProcess({ targets: [at(1)] }, { command: failing });
    await expect(start).rejects.toThrow(/^the prober ended with exit code 1\n[^]*no such thing/);
    await expect(
      startProberProcess({ targets: [at(1)] }, { command: () => ['/nonexistent'] }),
    ).rejects.toThrow('ENOENT');
  });

  it('says so when it was killed, instead of inventing a report', async () => {
    const { port } = await serving({});
    const { stop } = await startProberProcess({ targets: [at(port)] });
    const [prober = 0] = childrenOf(process.pid).filter((pid) => commandOf(pid).includes('probe.js'));
    process.kill(prober, 'SIGKILL');
    await expect(stop()).rejects.toThrow('the prober ended with SIGKILL');
  });

  it('says so when it was killed in the middle of a line', async () => {
    const line = `${JSON.stringify({ first: [{ is: 'answered', status: 200 }] })}\n{"report":{"star`;
    const halved = ([node = '']: readonly string[]) => [
      node,
      '--eval',
      `process.stdout.write(${JSON.stringify(line)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ];
    const { stop } = await startProberProcess({ targets: [at(1)] }, { command: halved });
    await expect(stop()).rejects.toThrow('the prober ended with SIGKILL');
  });

  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
    'ends with its controller, on %s too',
    async (signal) => {
      const { port, seen } = await serving({});
      const { controller, prober } = await controllerOf(port);
      await expect.poll(() => seen.length, { timeout: 5000 }).toBeGreaterThan(3);
      controller.kill(signal);

      await expect.poll(() => isRunning(prober), { timeout: 5000 }).toBe(false);
    },
  );

  it('outlives a Ctrl-C that its controller wants to end with in good order', async () => {
    const { port, seen } = await serving({});
    const { controller, prober } = await controllerOf(port, "process.on('SIGINT', () => {});");
    for (const pid of [controller.pid ?? 0, prober]) {
      process.kill(pid, 'SIGINT');
    }
    const before = seen.length;
    await expect.poll(() => seen.length, { timeout: 5000 }).toBeGreaterThan(before + 5);
    expect(isRunning(prober)).toBe(true);
  });
});

/** A process that watches until it is killed, and its prober. */
async function controllerOf(port: number, setUp = '') {
  const script = `
    const { startProberProcess } = await import(${JSON.stringify(COMPILED)});
    ${setUp}
    await startProberProcess(${JSON.stringify({ targets: [at(port)], intervalMs: 10 })});
    console.log('watching');`;
  const controller = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  controllers.push(controller);
  await once(controller.stdout, 'data');
  const [prober = 0] = childrenOf(controller.pid ?? 0);
  expect(isRunning(prober)).toBe(true);
  return { controller, prober };
}

function childrenOf(pid: number): readonly number[] {
  return execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
    .map(Number);
}

function commandOf(pid: number): string {
  return readFrom(`/proc/${pid}/cmdline`);
}

/** What has ended and only was not waited for is not running. */
function isRunning(pid: number): boolean {
  const stat = readFrom(`/proc/${pid}/stat`);
  return stat !== '' && !/\) Z /.test(stat);
}

function readFrom(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
