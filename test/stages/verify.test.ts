import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../src/core/event.ts';
import type { Ask, Check } from '../../src/core/resource.ts';
import { rawScript } from '../../src/core/script.ts';
import { hostFacts } from '../../src/queries/facts.ts';
import { outputOf } from '../../src/queries/output.ts';
import { task } from '../../src/resources/task.ts';
import type { Member } from '../../src/stages/assemble.ts';
import type { OnHost } from '../../src/stages/reach.ts';
import { checkService, verifyConverged } from '../../src/stages/verify.ts';
import { MemoryHost } from './memory-host.ts';

const ALL = { tags: [], skipTags: [] };

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const done = task({ name: 'done', probe: rawScript('get done'), apply: rawScript('set done yes') });

const member: Member = {
  host: 'svr1',
  target: {
    host: 'svr1',
    address: '192.0.2.1',
    port: 22,
    user: 'deploy',
    become: { enabled: true, user: 'root' },
    knownHostsFiles: [],
    connectTimeoutMs: 1000,
  },
  witness: false,
  resources: [done],
  declared: [done],
  standings: [],
  queries: [hostFacts, ...Object.values(done.reads)],
};

function on(host: MemoryHost): OnHost {
  return (work) => work(host.connection());
}

test('a host that is as declared is asked once', async () => {
  const host = new MemoryHost('svr1', { done: 'yes' });
  await verifyConverged(member, on(host), ALL);
  expect(host.execs).toBe(1);
});

test('a host that takes a moment to settle is asked again until nothing is planned', async () => {
  const host = new MemoryHost('svr1');
  setTimeout(() => host.values.set('done', 'yes'), 3000);
  const verified = verifyConverged(member, on(host), ALL);
  await vi.advanceTimersByTimeAsync(5000);
  await verified;
  expect(host.execs).toBeGreaterThan(5);
});

test('a host that stays as it was fails after 20 s, naming what is left', async () => {
  const host = new MemoryHost('svr1');
  const started = performance.now();
  const verified = verifyConverged(member, on(host), ALL).catch((error: unknown) => ({
    error,
    afterMs: performance.now() - started,
  }));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await verified).toMatchObject({
    error: {
      exit: 1,
      trouble: {
        host: 'svr1',
        what: 'still not as declared after all changes were made: 1 left',
        why: ['task done: not as wanted -> done'],
      },
    },
    afterMs: expect.closeTo(20_250, -3),
  });
});

const VIP = outputOf(rawScript('get vip'));

/** As the keepalived role's: on exactly one of the hosts that answered. */
const vipOnOne: Check = {
  name: 'VIP on exactly one host',
  reads: { vip: VIP },
  judge(seen) {
    const holders = [...seen].filter(([, answers]) => answers.answer(VIP).exit === 0).map(([host]) => host);
    return { ok: holders.length === 1, detail: `held by ${holders.join(' and ') || 'no host'}` };
  },
};

const answering: Ask = { http: async () => ({ status: 200, headers: {} }), converged: () => true };

function serviceOf(hosts: readonly MemoryHost[], checks: readonly Check[] = [vipOnOne]) {
  const events: RunEvent[] = [];
  const lost: string[] = [];
  return {
    events,
    lost,
    context: {
      checks,
      hosts: () => new Map(hosts.map((host) => [host.name, on(host)])),
      ask: answering,
      listener: (event: RunEvent) => events.push(event),
      onLost: (host: string) => lost.push(host),
    },
  };
}

test('the VIP is asked of all hosts at the same time, not one after the other', async () => {
  const hosts = ['svr1', 'svr2', 'svr3'].map((name) => new MemoryHost(name));
  hosts[1]?.values.set('vip', 'here');
  let waiting = 0;
  let mostAtOnce = 0;
  for (const host of hosts) {
    host.beforeProbe = async () => {
      waiting += 1;
      mostAtOnce = Math.max(mostAtOnce, waiting);
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
      waiting -= 1;
    };
  }
  const { context } = serviceOf(hosts);
  const judged = checkService(context);
  await vi.advanceTimersByTimeAsync(100);
  expect(await judged).toEqual([
    { check: 'VIP on exactly one host', judgement: { ok: true, detail: 'held by svr2' } },
  ]);
  expect(mostAtOnce).toBe(3);
  expect(hosts.map(({ execs }) => execs)).toEqual([1, 1, 1]);
});

test('two holders are not better than none: both are waited for until the deadline', async () => {
  const hosts = [new MemoryHost('svr1', { vip: 'here' }), new MemoryHost('svr2', { vip: 'here' })];
  const { context, events } = serviceOf(hosts);
  const started = performance.now();
  const judged = checkService(context);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await judged).toMatchObject([{ judgement: { ok: false, detail: 'held by svr1 and svr2' } }]);
  expect(performance.now() - started).toBeGreaterThan(20_000);
  expect(events.map(({ type }) => type)).toEqual(['check-waiting', 'check-judged']);
});

test('what is waited for is told once for each answer, and the first good answer ends it', async () => {
  const [svr1, svr2] = [new MemoryHost('svr1'), new MemoryHost('svr2')];
  const { context, events } = serviceOf([svr1, svr2]);
  setTimeout(() => {
    svr1.values.set('vip', 'here');
    svr2.values.set('vip', 'here');
  }, 2000);
  setTimeout(() => svr1.values.delete('vip'), 4000);
  const judged = checkService(context);
  await vi.advanceTimersByTimeAsync(4500);
  expect(await judged).toMatchObject([{ judgement: { ok: true, detail: 'held by svr2' } }]);
  expect(events).toMatchObject([
    { type: 'check-waiting', detail: 'held by no host' },
    { type: 'check-waiting', detail: 'held by svr1 and svr2' },
    { type: 'check-judged', judgement: { ok: true } },
  ]);
});

/** What `checks` came to, and after how long. */
async function timed(checks: readonly Check[], tolerated: readonly string[] = []) {
  const { context } = serviceOf([], checks);
  const started = performance.now();
  const judged = checkService({ ...context, tolerated: new Set(tolerated) }).then((results) => ({
    ok: results.map(({ judgement }) => judgement.ok),
    details: results.map(({ judgement }) => judgement.detail),
    afterMs: performance.now() - started,
  }));
  await vi.advanceTimersByTimeAsync(100_000);
  return judged;
}

function checkThat(judge: Check['judge'], more: Partial<Check> = {}): Check {
  return { name: 'check', reads: {}, judge, ...more };
}

const never = checkThat(() => ({ ok: false, detail: 'no' }));

test('each check has its own 20 s: what one waited is not taken from the next', async () => {
  const { ok, afterMs } = await timed([never, never]);
  expect(ok).toEqual([false, false]);
  expect(afterMs).toBeGreaterThanOrEqual(40_000);
  expect(afterMs).toBeLessThan(42_000);
});

test('a check that did not hold before the run is not waited for as long', async () => {
  const { ok, afterMs } = await timed([never], ['check']);
  expect([ok, afterMs < 10_000]).toEqual([[false], true]);
});

test('a check that must hold for a while begins anew when it does not', async () => {
  const from = performance.now();
  const flapping = checkThat(
    () => ({ ok: Math.floor((performance.now() - from) / 1000) !== 1, detail: 'now and then' }),
    { steadyMs: 1500 },
  );
  const { ok, afterMs } = await timed([flapping]);
  expect(ok).toEqual([true]);
  expect(afterMs).toBeGreaterThanOrEqual(3500);
});

test('a check that fails by itself does not hold, and says why', async () => {
  const { ok, details } = await timed([
    checkThat(() => {
      throw new TypeError('seen is not what it was');
    }),
  ]);
  expect([ok, details]).toEqual([[false], ['seen is not what it was']]);
});

test('what a probe of a moment ago answered is enough when it is good', async () => {
  const hosts = [new MemoryHost('svr1', { vip: 'here' }), new MemoryHost('svr2')];
  const { context } = serviceOf(hosts);
  const seen = new Map(
    hosts.map(({ name, values }) => [
      name,
      { answer: <T>() => ({ stdout: '', exit: values.has('vip') ? 0 : 1 }) as T },
    ]),
  );
  expect(await checkService({ ...context, seen })).toMatchObject([{ judgement: { ok: true } }]);
  expect(hosts.map(({ execs }) => execs)).toEqual([0, 0]);
});

test('a host whose connection is lost is told, and the others are judged without it', async () => {
  const hosts = [new MemoryHost('svr1', { vip: 'here' }), new MemoryHost('svr2')];
  hosts.forEach((host, index) => {
    host.lost = index === 1;
  });
  const { context, lost } = serviceOf(hosts);
  expect(await checkService(context)).toMatchObject([{ judgement: { ok: true, detail: 'held by svr1' } }]);
  expect(lost).toEqual(['svr2']);
});
