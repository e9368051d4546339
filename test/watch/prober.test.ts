import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import type { Loss } from '../../src/core/watch.ts';
import { startProber, type ProberOptions } from '../../src/watch/prober.ts';
import type { Sample } from '../../src/watch/sample.ts';
import {
  answers,
  answersAfter,
  at,
  closedPort,
  OK,
  overTls,
  resets,
  says,
  serverWith,
  staysSilent,
  type Behaviour,
  type TestServer,
} from './server.ts';

/** Long enough for a busy machine to answer in. */
const TIMEOUT_MS = 1000;
const SLOW_MS = 400;

const resetsAfterHalf: Behaviour = (socket, hear) => {
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\nha');
  resets(socket, hear);
};

const servers: TestServer[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serving(...args: Parameters<typeof serverWith>): Promise<TestServer> {
  const server = await serverWith(...args);
  servers.push(server);
  return server;
}

function probe(options: ProberOptions) {
  return startProber({ intervalMs: 10, timeoutMs: TIMEOUT_MS, slowMs: SLOW_MS, ...options });
}

/** What became of each request to a target, in the order sent; `ok` when it was answered. */
function outcomes(samples: readonly Sample[], target = 0): readonly string[] {
  return samples
    .filter((sample) => sample.target === target)
    .toSorted((a, b) => a.sentMs - b.sentMs)
    .map(({ outcome }) => (outcome.is === 'answered' ? 'ok' : outcome.reason));
}

/** What a server has to do to its n-th request, and what has to become of it. */
type Dropped = Readonly<Record<number, readonly [Loss, Behaviour]>>;

function behavioursOf(dropped: Dropped): Readonly<Record<number, Behaviour>> {
  return Object.fromEntries(Object.entries(dropped).map(([index, [, behave]]) => [index, behave]));
}

function expectedOf(dropped: Dropped, length: number): readonly string[] {
  return Array.from({ length }, (_, index) => dropped[index]?.[0] ?? 'ok');
}

const DROPPED: Dropped = {
  3: ['reset', resets],
  4: ['not answered', staysSilent],
  9: ['cut short', says('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok')],
  10: ['cut short', says('HTTP/1.1 200')],
  11: ['cut short', says('')],
  12: ['status 503', says('HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n')],
  13: ['not HTTP', says('SSH-2.0-OpenSSH_9.2\r\n\r\n')],
  20: ['not answered', answersAfter(TIMEOUT_MS + 100)],
  21: ['reset', resetsAfterHalf],
  29: ['not answered', staysSilent],
};

const DROPPED_TLS: Dropped = {
  2: ['TLS not answered', staysSilent],
  5: ['TLS failed', says('HTTP/1.1 400 Bad Request\r\n\r\n')],
  7: ['reset', resets],
  11: ['not answered', overTls(staysSilent)],
  12: ['status 503', overTls(says('HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n'))],
  15: ['cut short', overTls(says('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok'))],
};

describe('the prober', () => {
  it('names exactly the requests that a server drops, and why', async () => {
    const { port } = await serving({
      ...behavioursOf(DROPPED),
      16: answersAfter(SLOW_MS + 50),
      17: says('HTTP/1.0 302 Found\r\n\r\n'),
      // Who says so is there: what sites answer is their own business.
      18: says('HTTP/1.0 404 Not Found\r\n\r\n'),
    });
    const samples: Sample[] = [];
    const prober = probe({
      targets: [at(port)],
      maxRequests: 30,
      onSample: (sample) => samples.push(sample),
    });
    const { targets, skipped, endedEarly } = await prober.report;

    expect([skipped, endedEarly]).toEqual([0, true]);
    expect(outcomes(samples)).toEqual(expectedOf(DROPPED, 30));
    expect(targets).toMatchObject([
      {
        target: { port },
        sent: 30,
        answered: 20,
        lost: 10,
        slow: 1,
        lostAtEnd: true,
        reasons: {
          'not answered': 3,
          'cut short': 3,
          reset: 2,
          'status 503': 1,
          'not HTTP': 1,
        },
      },
    ]);
    expect(targets[0]?.gaps.map(({ lost, open }) => ({ lost, open }))).toEqual([
      { lost: 2, open: false },
      { lost: 5, open: false },
      { lost: 2, open: false },
      { lost: 1, open: true },
    ]);
  });

  it('does the same over TLS, whoever signed the certificate', async () => {
    const { port, seen } = await serving(behavioursOf(DROPPED_TLS), { otherwise: overTls(answers) });
    const samples: Sample[] = [];
    const prober = probe({
      targets: [at(port, { tls: true, host: 'shop.example:8443', path: '/healthz' })],
      maxRequests: 20,
      onSample: (sample) => samples.push(sample),
    });
    const { targets } = await prober.report;

    expect(outcomes(samples)).toEqual(expectedOf(DROPPED_TLS, 20));
    expect(targets).toMatchObject([{ sent: 20, answered: 14, lost: 6 }]);
    expect(seen[0]).toBe('GET /healthz HTTP/1.0\r\nHost: shop.example:8443\r\nConnection: close\r\n\r\n');
  });

  it('keeps several targets apart, on one address or on others', async () => {
    const dropped: Dropped = { 4: ['status 503', says('HTTP/1.1 503 Unavailable\r\n\r\n')] };
    const [plain, tls] = await Promise.all([
      serving(behavioursOf(dropped)),
      serving(behavioursOf(DROPPED_TLS), { otherwise: overTls(answers) }),
    ]);
    const closed = await closedPort();
    const samples: Sample[] = [];
    const prober = probe({
      targets: [
        at(plain.port),
        at(tls.port, { tls: true }),
        at(closed),
        at(plain.port, { address: '127.0.0.2' }),
      ],
      maxRequests: 80,
      onSample: (sample) => samples.push(sample),
    });
    const { targets } = await prober.report;

    expect(outcomes(samples, 0)).toEqual(expectedOf(dropped, 20));
    expect(outcomes(samples, 1)).toEqual(expectedOf(DROPPED_TLS, 20));
    expect(outcomes(samples, 2)).toEqual(Array(20).fill('refused'));
    expect(outcomes(samples, 3)).toEqual(Array(20).fill('refused'));
    expect(targets.map(({ sent, unserved, answered, lost }) => [sent, unserved, answered, lost])).toEqual([
      [20, 0, 19, 1],
      [20, 0, 14, 6],
      [20, 20, 0, 0],
      [20, 20, 0, 0],
    ]);
  });

  it('counts a port that is served only later from its first answer on', async () => {
    const port = await closedPort();
    const prober = probe({ targets: [at(port)] });
    // The time without a server, and the one with it, are what is measured.
    await new Promise((resolve) => setTimeout(resolve, 150));
    await serving({ 3: says('HTTP/1.1 503 Unavailable\r\n\r\n') }, { port });
    await new Promise((resolve) => setTimeout(resolve, 250));
    const { targets } = await prober.stop();

    const [target] = targets;
    expect(target).toMatchObject({ lost: 1, reasons: { 'status 503': 1 }, lostAtEnd: false });
    expect(target?.unserved).toBeGreaterThanOrEqual(10);
    expect(target?.servedSinceMs).toBeGreaterThanOrEqual(100);
    expect(target?.sent).toBe((target?.unserved ?? 0) + (target?.answered ?? 0) + 1);
  });

  it('sends on time while earlier requests are not answered', async () => {
    const { port } = await serving({}, { otherwise: staysSilent });
    const samples: Sample[] = [];
    const prober = probe({ targets: [at(port)], maxMs: 200, onSample: (sample) => samples.push(sample) });
    await prober.report;
    expect(samples).toHaveLength(20);
    expect(Math.max(...samples.map(({ sentMs }) => sentMs))).toBeLessThan(TIMEOUT_MS);
  });

  it('catches up after a delay of its own process, and tells of it', async () => {
    const { port } = await serving({});
    const prober = probe({ targets: [at(port)], maxRequests: 30 });
    setTimeout(() => block(100), 50);
    const { targets, latestMs, skipped } = await prober.report;
    expect(targets).toMatchObject([{ sent: 30, answered: 30 }]);
    expect(latestMs).toBeGreaterThan(70);
    expect(skipped).toBe(0);
  });

  it('does not send what is overdue by more than its timeout', async () => {
    const { port } = await serving({});
    const prober = probe({ targets: [at(port)], maxRequests: 100, timeoutMs: 100 });
    setTimeout(() => block(400), 50);
    const { targets, skipped } = await prober.report;
    expect(skipped).toBeGreaterThan(20);
    expect((targets[0]?.sent ?? 0) + skipped).toBe(100);
  });

  it('ends at its time, however many requests that is', async () => {
    // All are overdue at once, and so none is sent.
    const prober = probe({ targets: [at(1)], intervalMs: 0.0001, timeoutMs: 0, maxMs: 200 });
    const { ms, skipped } = await prober.report;
    expect(skipped).toBeGreaterThan(1_500_000);
    expect(ms).toBeGreaterThanOrEqual(199);
  });

  it('counts no answer as lost that waited while its own process was busy', async () => {
    // With an event loop of its own, the server answers while the prober's is blocked.
    const server = new Worker(
      `const { parentPort } = require('node:worker_threads');
       const server = require('node:http').createServer((_, response) => {
         parentPort.postMessage({ heard: true });
         setTimeout(() => response.end('ok'), 100);
       });
       server.listen(0, '127.0.0.1', () => parentPort.postMessage({ port: server.address().port }));`,
      { eval: true },
    );
    const [{ port }] = (await once(server, 'message')) as [{ readonly port: number }];
    let heard = 0;
    server.on('message', () => {
      heard += 1;
      if (heard === 3) {
        block(500);
      }
    });
    const { targets } = await probe({ targets: [at(port)], maxRequests: 3, timeoutMs: 400 }).report;
    await server.terminate();
    expect(heard).toBe(3);
    expect(targets).toMatchObject([{ answered: 3, lost: 0 }]);
    expect(targets[0]?.slowestMs).toBeGreaterThan(400);
  });

  it('stops when told, and reports once what is under way has ended', async () => {
    const { port } = await serving({ 0: answersAfter(SLOW_MS + 50) });
    const prober = probe({ targets: [at(port)] });
    const { targets, ms, endedEarly } = await prober.stop();
    expect(targets).toMatchObject([{ sent: 1, answered: 1, slow: 1 }]);
    expect(ms).toBeLessThan(SLOW_MS);
    expect(endedEarly).toBe(false);
    expect(await prober.report).toBe(await prober.stop());
  });

  it('asks for the path and host it is told, over a new connection each', async () => {
    const { port, seen } = await serving({});
    const target = at(port, { path: '/healthz', host: 'ha-health.internal' });
    await probe({ targets: [target], maxRequests: 2 }).report;
    expect(seen).toEqual(
      Array(2).fill('GET /healthz HTTP/1.0\r\nHost: ha-health.internal\r\nConnection: close\r\n\r\n'),
    );
  });

  it('lets the server close first, which so many connections need', async () => {
    const closes: string[] = [];
    const answersAndLingers: Behaviour = (socket) => {
      socket.once('data', () => {
        socket.write(OK);
        setTimeout(() => {
          closes.push('server');
          socket.end();
        }, 50);
      });
      socket.once('end', () => closes.push('client')).resume();
    };
    const { port } = await serving({}, { otherwise: answersAndLingers });
    const { targets } = await probe({ targets: [at(port)], maxRequests: 1 }).report;
    expect(targets[0]?.slowestMs).toBeLessThan(50);
    await expect.poll(() => closes).toEqual(['server', 'client']);
  });
});

/** Keeps the event loop busy. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
