import { expect, test } from 'vitest';
import { EXIT } from '../../src/core/error.ts';
import type { Resource } from '../../src/core/resource.ts';
import { MemoryHost } from './memory-host.ts';
import { keyed, runOn } from './memory-run.ts';

const TASK: readonly Resource[] = [keyed('a', '1')];

test('two runs at once: the one that has the first host gets all of them, the other ends with 6', async () => {
  const hosts = [new MemoryHost('svr1'), new MemoryHost('svr2')];
  const [one, other] = await Promise.all([
    runOn({ hosts, resources: TASK }),
    // Another inventory has them in another order.
    runOn({ hosts: hosts.toReversed(), resources: TASK }),
  ]);
  expect([one.exit, other.exit].toSorted()).toEqual([EXIT.converged, EXIT.locked]);
  expect(hosts.map(({ history }) => history)).toEqual([['a=1'], ['a=1']]);
  expect(hosts.map(({ lockedBy }) => lockedBy)).toEqual([undefined, undefined]);
});

test('a host that another run has is told, and none is changed or stays locked', async () => {
  const hosts = [new MemoryHost('svr1'), new MemoryHost('svr2')];
  const [, second] = hosts as [MemoryHost, MemoryHost];
  second.lockedBy = 'phase2 by alice@control';
  const { exit, troubles } = await runOn({ hosts, resources: TASK });
  expect(exit).toBe(EXIT.locked);
  expect(troubles).toMatchObject([{ host: 'svr2', why: ['phase2 by alice@control'] }]);
  expect(hosts.map(({ history, lockedBy }) => [history, lockedBy])).toEqual([
    [[], undefined],
    [[], 'phase2 by alice@control'],
  ]);
});

test('a run that waits reads the hosts once they are its own: what the other one left is as declared', async () => {
  const host = new MemoryHost('svr1');
  host.lockedBy = 'phase2 by alice@control';
  const waited: string[] = [];
  const { exit, hosts } = await runOn({
    hosts: [host],
    resources: TASK,
    request: { waitMs: 10_000 },
    onEvent: (event) => {
      if (event.type === 'host-waiting') {
        waited.push(event.holder);
        host.values.set('a', '1');
        host.lockedBy = undefined;
      }
    },
  });
  expect(waited).toEqual(['phase2 by alice@control']);
  expect([exit, hosts[0]?.status]).toEqual([EXIT.converged, 'ok']);
  expect(host.lockedBy).toBeUndefined();
});

test('a run that has waited long enough ends with 6, and has changed nothing', async () => {
  const hosts = [new MemoryHost('svr1'), new MemoryHost('svr2')];
  hosts.forEach((host) => {
    host.lockedBy = 'phase2 by alice@control';
  });
  const { exit, troubles } = await runOn({ hosts, resources: TASK, request: { waitMs: 1 } });
  expect(exit).toBe(EXIT.locked);
  expect(troubles).toMatchObject([{ host: 'svr1', what: expect.stringContaining('another run') }]);
  expect(hosts.flatMap(({ history }) => history)).toEqual([]);
});

test('a run that is stopped while it waits ends with 130', async () => {
  const host = new MemoryHost('svr1');
  host.lockedBy = 'phase2 by alice@control';
  const interrupt = new AbortController();
  const { exit } = await runOn({
    hosts: [host],
    resources: TASK,
    request: { waitMs: 10_000, signal: interrupt.signal },
    onEvent: (event) => {
      if (event.type === 'host-waiting') {
        interrupt.abort();
      }
    },
  });
  expect([exit, host.history, host.execs]).toEqual([EXIT.interrupted, [], 0]);
});

test('a host that does not answer is waited for by nobody', async () => {
  const hosts = [new MemoryHost('svr1'), new MemoryHost('svr2')];
  (hosts[0] as MemoryHost).lost = true;
  const { exit, events } = await runOn({ hosts, resources: TASK, request: { waitMs: 1000 } });
  expect(exit).toBe(EXIT.unreachable);
  expect(events.filter(({ type }) => type === 'host-unreachable')).toHaveLength(1);
  expect(hosts[1]?.lockedBy).toBeUndefined();
});

test('a run that is thrown out begins no further change, and leaves the rest to others', async () => {
  const host = new MemoryHost('svr1');
  const { exit, hosts, troubles } = await runOn({
    hosts: [host],
    resources: [keyed('a', '1'), keyed('b', '2')],
    onEvent: (event) => {
      if (event.type === 'change-done') {
        host.lock = 'ended';
      }
    },
  });
  expect(exit).toBe(EXIT.failed);
  expect(host.history).toEqual(['a=1']);
  expect(troubles).toMatchObject([{ what: expect.stringContaining('thrown out') }]);
  expect(hosts[0]?.rollback).toBeUndefined();
});

test('a run whose lock is lost with its connection begins no further change, and is taken back under a new lock', async () => {
  const host = new MemoryHost('svr1');
  const { exit } = await runOn({
    hosts: [host],
    resources: [keyed('a', '1'), keyed('b', '2')],
    onEvent: (event) => {
      if (event.type === 'change-done') {
        host.lock = 'lost';
        host.lockedBy = undefined;
      }
    },
  });
  expect(exit).toBe(EXIT.rolledBack);
  expect(host.history).toEqual(['a=1', '-a']);
});

test('a change that ends as the run is thrown out is told by its cause', async () => {
  const host = new MemoryHost('svr1');
  const { exit, hosts, troubles } = await runOn({
    hosts: [host],
    resources: [keyed('a', '1'), keyed('b', '2\nfail|the connection was lost')],
    onEvent: (event) => {
      if (event.type === 'change-started' && event.id === 'task b') {
        host.lock = 'ended';
      }
    },
  });
  expect(exit).toBe(EXIT.failed);
  expect(troubles).toMatchObject([{ what: expect.stringContaining('thrown out') }]);
  expect(hosts[0]?.rollback).toBeUndefined();
});

test('a run that waits locks the hosts that --limit leaves out too, before it reads any', async () => {
  const hosts = [new MemoryHost('svr1'), new MemoryHost('svr2')] as const;
  const holders: (string | undefined)[] = [];
  const { exit } = await runOn({
    hosts,
    resources: TASK,
    request: { waitMs: 10_000, selected: ['svr2'] },
    onEvent: ({ type }) => void (type === 'host-connecting' && holders.push(hosts[0].lockedBy)),
  });
  expect([exit, holders]).toEqual([EXIT.converged, ['this run', 'this run']]);
  expect(hosts.map(({ lockedBy }) => lockedBy)).toEqual([undefined, undefined]);
});

test.each([
  ['has no lock to take', { cannotLock: true }, 'could not be locked'],
  ['does not answer', { lost: true }, 'does not answer'],
])('a run that waits tells once of a host that --limit leaves out and that %s', async (_, how, why) => {
  const hosts = [new MemoryHost('svr1'), new MemoryHost('svr2')] as const;
  Object.assign(hosts[0], how);
  const { exit, events } = await runOn({
    hosts,
    resources: TASK,
    request: { waitMs: 10_000, selected: ['svr2'] },
  });
  expect(exit).toBe(EXIT.converged);
  const reasons = events.flatMap((event) => (event.type === 'host-skipped' ? [event.reason] : []));
  expect(reasons).toEqual([expect.stringContaining(why)]);
});
