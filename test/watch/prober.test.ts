import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startProber, type ProberOptions } from '../../src/watch/prober.ts';
import type { Loss, Sample } from '../../src/watch/sample.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n';
const TIMEOUT_MS = 300;

type Behaviour = (socket: Socket) => void;

/** Says `text` once the request has come, and closes in order. */
const says =
  (text: string, afterMs = 0): Behaviour =>
  (socket) => {
    socket.once('data', () => setTimeout(() => socket.end(text), afterMs)).resume();
  };
const answers = says(OK);
const answersAfter = (ms: number) => says(OK, ms);
const staysSilent: Behaviour = () => {};

/** Closed with the request unread, a socket sends RST; Node's own resetAndDestroy may send FIN first. */
const resets: Behaviour = (socket) => {
  setTimeout(() => socket.destroy(), 50);
};
const resetsAfterHalf: Behaviour = (socket) => {
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\nha');
  resets(socket);
};

const cleanUp: (() => void)[] = [];

afterEach(() => {
  for (const work of cleanUp.splice(0)) work();
});

/** A server that treats its n-th connection as `behaviours[n]` says. */
async function serverWith(
  behaviours: Readonly<Record<number, Behaviour>>,
): Promise<{ readonly port: number; readonly seen: string[] }> {
  const seen: string[] = [];
  let count = 0;
  const server: Server = createServer({ pauseOnConnect: true }, (socket) => {
    const behave = behaviours[count++] ?? answers;
    socket.on('error', () => {});
    socket.once('data', (request) => seen.push(request.toString()));
    socket.pause();
    behave(socket);
    cleanUp.push(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, seen };
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function probe(options: Omit<ProberOptions, 'address'>) {
  return startProber({
    address: '127.0.0.1',
    intervalMs: 10,
    timeoutMs: TIMEOUT_MS,
    slowMs: 100,
    ...options,
  });
}

/** What became of each request, in the order sent; `ok` when it was answered. */
function outcomes(samples: readonly Sample[]): readonly string[] {
  return samples
    .toSorted((a, b) => a.sentMs - b.sentMs)
    .map(({ outcome }) => (outcome.is === 'answered' ? 'ok' : outcome.reason));
}

describe('the prober', () => {
  it('names exactly the requests that a server drops, and why', async () => {
    const dropped: Readonly<Record<number, readonly [Loss, Behaviour]>> = {
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
    const behaviours = Object.fromEntries(
      Object.entries(dropped).map(([index, [, behave]]) => [index, behave]),
    );
    const { port } = await serverWith({
      ...behaviours,
      16: answersAfter(150),
      17: says('HTTP/1.0 302 Found\r\n\r\n'),
    });
    const samples: Sample[] = [];
    const prober = probe({ ports: [port], maxRequests: 30, onSample: (sample) => samples.push(sample) });
    const { ports, skipped } = await prober.report;

    expect(skipped).toBe(0);
    expect(outcomes(samples)).toEqual(Array.from({ length: 30 }, (_, index) => dropped[index]?.[0] ?? 'ok'));
    expect(ports).toMatchObject([{ port, sent: 30, answered: 20, slow: 1 }]);
    expect(ports[0]?.lost.map(({ reason }) => reason)).toEqual(
      Object.values(dropped).map(([reason]) => reason),
    );
    expect(ports[0]?.gaps.map(({ lost, open }) => ({ lost, open }))).toEqual([
      { lost: 2, open: false },
      { lost: 5, open: false },
      { lost: 2, open: false },
      { lost: 1, open: true },
    ]);
  });

  it('tells a port that refuses from one that answers', async () => {
    const [{ port }, closed] = await Promise.all([serverWith({}), closedPort()]);
    const { ports } = await probe({ ports: [port, closed], maxRequests: 20 }).report;
    expect(ports).toMatchObject([
      { port, sent: 10, answered: 10, lost: [], longestGapMs: 0 },
      { port: closed, sent: 10, answered: 0, gaps: [{ lost: 10, open: true }] },
    ]);
    expect(new Set(ports[1]?.lost.map(({ reason }) => reason))).toEqual(new Set(['refused']));
  });

  it('sends on time while earlier requests are not answered', async () => {
    const { port } = await serverWith(
      Object.fromEntries(Array.from({ length: 40 }, (_, index) => [index, staysSilent])),
    );
    const samples: Sample[] = [];
    const prober = probe({ ports: [port], maxMs: 200, onSample: (sample) => samples.push(sample) });
    await prober.report;
    expect(samples).toHaveLength(20);
    expect(Math.max(...samples.map(({ sentMs }) => sentMs))).toBeLessThan(TIMEOUT_MS);
  });

  it('catches up after a delay of its own process, and tells of it', async () => {
    const { port } = await serverWith({});
    const prober = probe({ ports: [port], maxRequests: 30 });
    setTimeout(() => block(100), 50);
    const { ports, latestMs, skipped } = await prober.report;
    expect(ports).toMatchObject([{ sent: 30, answered: 30 }]);
    expect(latestMs).toBeGreaterThan(70);
    expect(skipped).toBe(0);
  });

  it('does not send what is overdue by more than its timeout', async () => {
    const { port } = await serverWith({});
    const prober = probe({ ports: [port], maxRequests: 100, timeoutMs: 100 });
    setTimeout(() => block(400), 50);
    const { ports, skipped } = await prober.report;
    expect(skipped).toBeGreaterThan(20);
    expect((ports[0]?.sent ?? 0) + skipped).toBe(100);
  });

  it('counts no answer as lost that waited while its own process was busy', async () => {
    const { port } = await serverWith({});
    const prober = probe({ ports: [port], maxRequests: 20, timeoutMs: 60 });
    setTimeout(() => block(80), 55);
    const { ports } = await prober.report;
    expect(ports[0]?.lost).toEqual([]);
  });

  it('stops when told, and reports once what is under way has ended', async () => {
    const { port } = await serverWith({ 0: answersAfter(200) });
    const prober = probe({ ports: [port] });
    const { ports, ms } = await prober.stop();
    expect(ports).toMatchObject([{ sent: 1, answered: 1, slow: 1 }]);
    expect(ms).toBeLessThan(200);
    expect(await prober.report).toBe(await prober.stop());
  });

  it('asks for the path and host it is told, over a new connection each', async () => {
    const { port, seen } = await serverWith({});
    await probe({ ports: [port], path: '/healthz', host: 'ha-health.internal', maxRequests: 2 }).report;
    expect(seen).toEqual(
      Array(2).fill('GET /healthz HTTP/1.0\r\nHost: ha-health.internal\r\nConnection: close\r\n\r\n'),
    );
  });
});

/** Keeps the event loop busy. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
