import { afterEach, expect, test, vi } from 'vitest';
import { BecomeFailed, EXIT } from '../../src/core/error.ts';
import type { Change, Check, Resource } from '../../src/core/resource.ts';
import { rawScript } from '../../src/core/script.ts';
import { outputOf } from '../../src/queries/output.ts';
import { MemoryHost } from './memory-host.ts';
import { keyed, runOn } from './memory-run.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** `svr1` has the VIP, and is worked on last. */
function pair(): readonly [MemoryHost, MemoryHost] {
  return [new MemoryHost('svr1', { vip: 'here' }), new MemoryHost('svr2')];
}

/** A task whose change fails half way. */
function failing(key: string, more: Partial<Change> = {}): Resource {
  const own = keyed(key, '1');
  const change = {
    summary: 'x',
    apply: rawScript(`set ${key} half\nfail|it broke`),
    undo: rawScript(`unset ${key}`),
    ...more,
  };
  return { ...own, plan: () => ({ is: 'change', change }) };
}

test('a host that fails is taken back, the last change first, the half one too; the other is never begun', async () => {
  const hosts = pair();
  const resources = [keyed('a', '1'), keyed('b', '2'), failing('c')];
  const { exit, hosts: results, troubles } = await runOn({ hosts, resources });
  expect(exit).toBe(EXIT.rolledBack);
  expect(hosts.map(({ history }) => history)).toEqual([[], ['a=1', 'b=2', 'c=half', '-c', '-b', '-a']]);
  expect(results.map(({ status }) => status)).toEqual(['skipped', 'failed']);
  expect(results[1]?.rollback).toEqual({ undone: ['task c', 'task b', 'task a'], stays: [], left: [] });
  expect(troubles).toMatchObject([{ host: 'svr2', resource: 'task c', what: 'it broke' }]);
});

test('how it stood is kept before anything is taken back', async () => {
  const [host] = pair();
  const kept: string[] = [];
  const { hosts: results } = await runOn({
    hosts: [host],
    resources: [keyed('a', '1'), failing('c')],
    request: {
      keepEvidence: async (name, text) => {
        kept.push(`${name}: ${text.split('\n')[0]}`, ...host.history);
        return '/kept/here';
      },
    },
  });
  expect(kept).toEqual(['svr1: svr1  task c: it broke', 'a=1', 'c=half']);
  expect(results[0]?.evidence).toBe('/kept/here');
});

test('a full disk here does not keep a host from being taken back', async () => {
  const [host] = pair();
  const { exit, troubles } = await runOn({
    hosts: [host],
    resources: [keyed('a', '1'), failing('c')],
    request: { keepEvidence: () => Promise.reject(new Error('ENOSPC: no space left on device')) },
  });
  expect([exit, host.history.at(-1)]).toEqual([EXIT.rolledBack, '-a']);
  expect(troubles).toMatchObject([
    { what: 'it broke', why: ['no evidence is kept: ENOSPC: no space left on device'] },
  ]);
});

test('what cannot be undone stays, and is told; that is no failed rollback', async () => {
  const [host] = pair();
  const { undo: _, ...rest } = { undo: undefined, cannotUndo: 'packages stay' };
  const stays: Resource = {
    ...keyed('p', '1'),
    plan: (seen, context) => {
      const verdict = keyed('p', '1').plan(seen, context);
      return verdict.is === 'change'
        ? { is: 'change', change: { summary: 'x', apply: verdict.change.apply, ...rest } }
        : verdict;
    },
  };
  const { exit, hosts: results } = await runOn({ hosts: [host], resources: [stays, failing('c')] });
  expect(exit).toBe(EXIT.rolledBack);
  expect(results[0]?.rollback).toMatchObject({ undone: ['task c'], stays: ['task p: packages stay'] });
});

test('an undo that fails does not keep the others from being undone, and what is left is told', async () => {
  const [host] = pair();
  const stuck = failing('c', { undo: rawScript('fail|disk full') });
  const {
    exit,
    hosts: results,
    troubles,
  } = await runOn({
    hosts: [host],
    resources: [keyed('a', '1'), stuck],
  });
  expect(exit).toBe(EXIT.failed);
  expect(results[0]?.rollback).toMatchObject({ undone: ['task a'], left: ['task c: disk full'] });
  expect(troubles).toMatchObject([{ what: 'it broke', why: ['not as before: task c: disk full'] }]);
});

test('a host that leaves the service worse is taken back, though its own changes succeeded', async () => {
  vi.useFakeTimers();
  const hosts = pair();
  const served: Check = {
    name: 'served',
    reads: {},
    judge: () =>
      hosts[1].values.has('a') ? { ok: false, detail: 'no answer' } : { ok: true, detail: 'fine' },
  };
  const running = runOn({ hosts, resources: [keyed('a', '1')], checks: [served] });
  await vi.advanceTimersByTimeAsync(60_000);
  const { exit, checks } = await running;
  expect(exit).toBe(EXIT.rolledBack);
  expect(hosts.map(({ history }) => history)).toEqual([[], ['a=1', '-a']]);
  expect(checks).toMatchObject([{ judgement: { ok: true } }]);
});

test('a service that is not back after the rollback is told, with exit 1', async () => {
  vi.useFakeTimers();
  const hosts = pair();
  let broke = false;
  const served: Check = {
    name: 'served',
    reads: {},
    judge: () => {
      broke ||= hosts[1].values.has('a');
      return broke ? { ok: false, detail: 'no answer' } : { ok: true, detail: 'fine' };
    },
  };
  const running = runOn({ hosts, resources: [keyed('a', '1')], checks: [served] });
  await vi.advanceTimersByTimeAsync(90_000);
  const { exit, troubles } = await running;
  expect(exit).toBe(EXIT.failed);
  expect(troubles).toMatchObject([
    { host: 'svr2', why: ['served: no answer', 'not as before: served: no answer'] },
  ]);
});

/** As the VIP's: only hosts that are done are asked whether they could take it over. */
function readyCheck(isReady: (host: string) => boolean): Check {
  const vip = outputOf(rawScript('get vip'));
  return {
    name: 'every host is ready',
    reads: { vip },
    judge(seen, ask) {
      const held = [...seen.keys()].filter((host) => ask.converged(host) && !isReady(host));
      return { ok: held.length === 0, detail: held.join(', ') || 'all that are done' };
    },
  };
}

test.each([
  ['is', true, EXIT.failed],
  ['was not before either', false, EXIT.rolledBack],
])('a host that is taken back and not ready, which it %s, ends the run so', async (_, wasReady, expected) => {
  vi.useFakeTimers();
  const hosts = pair();
  let isReady = wasReady;
  const running = runOn({
    hosts,
    resources: [keyed('a', '1'), failing('c')],
    checks: [readyCheck((host) => host !== 'svr2' || isReady)],
    onEvent: (event) => {
      isReady &&= event.type !== 'change-failed';
    },
  });
  await vi.advanceTimersByTimeAsync(90_000);
  const { exit, troubles } = await running;
  expect(exit).toBe(expected);
  expect(troubles[0]?.why?.includes('not as before: every host is ready: svr2') === true).toBe(wasReady);
});

test('an interrupted host is taken back: the running change ends first', async () => {
  const hosts = pair();
  const interrupt = new AbortController();
  const { exit, hosts: results } = await runOn({
    hosts,
    resources: [keyed('a', '1'), keyed('b', '2')],
    request: { signal: interrupt.signal },
    onEvent: (event) => {
      if (event.type === 'change-done') {
        interrupt.abort();
      }
    },
  });
  expect(exit).toBe(EXIT.interrupted);
  expect(hosts.map(({ history }) => history)).toEqual([[], ['a=1', '-a']]);
  expect(results[1]?.rollback?.undone).toEqual(['task a']);
});

/** What fails on svr1 only. */
function only1(host: string): readonly Resource[] {
  return host === 'svr1' ? [keyed('a', '1'), failing('c')] : [keyed('a', '1')];
}

test('hosts that are complete stay so, unless everything is to be taken back', async () => {
  const first = pair();
  const { hosts: kept } = await runOn({ hosts: first, resources: only1 });
  expect(kept.map(({ status }) => status)).toEqual(['failed', 'changed']);
  expect(first[1].history).toEqual(['a=1']);
  const second = pair();
  const { exit } = await runOn({ hosts: second, resources: only1, request: { rollback: 'batch' } });
  expect(exit).toBe(EXIT.rolledBack);
  expect(second.map(({ history }) => history.at(-1))).toEqual(['-a', '-a']);
});

test('a host that is complete and taken back all the same is none that checks count on', async () => {
  const hosts = pair();
  const complete: Check = {
    name: 'complete',
    reads: {},
    judge: (_, { converged }) =>
      converged('svr2') && !hosts[1].values.has('a')
        ? { ok: false, detail: 'svr2 is not as declared' }
        : { ok: true, detail: 'fine' },
  };
  const { exit, troubles } = await runOn({
    hosts,
    resources: only1,
    checks: [complete],
    request: { rollback: 'batch' },
  });
  expect([exit, troubles.map(({ what }) => what)]).toEqual([EXIT.rolledBack, ['it broke']]);
});

test('sudo that is refused ends the rollback at once: asking again locks the account on some hosts', async () => {
  const [host] = pair();
  host.beforeProbe = () => {
    if (host.history.length > 0) {
      throw new BecomeFailed({ host: 'svr1', what: 'the login user may not use sudo' });
    }
  };
  const { exit, hosts: results } = await runOn({
    hosts: [host],
    resources: [keyed('a', '1'), failing('c')],
  });
  expect(exit).toBe(EXIT.failed);
  expect(results[0]?.rollback?.left).toEqual([
    expect.stringMatching(/^svr1: the login user may not use sudo; on the host: sh .*undo$/),
  ]);
});

test('nothing is taken back when that was asked for', async () => {
  const [host] = pair();
  const resources = [keyed('a', '1'), failing('c')];
  const { exit } = await runOn({ hosts: [host], resources, request: { rollback: 'none' } });
  expect([exit, host.history]).toEqual([EXIT.failed, ['a=1', 'c=half']]);
});

const AGREED = {
  disagrees: true,
  quiesce: rawScript('set silenced 1'),
  resume: rawScript('unset silenced'),
};

/** A change in lockstep. */
function agreed(own: Resource): Resource {
  return {
    ...own,
    plan(seen, context) {
      const verdict = own.plan(seen, context);
      return verdict.is === 'change'
        ? { is: 'change', change: { ...verdict.change, lockstep: AGREED } }
        : verdict;
    },
  };
}

test('a service that was silenced for the others starts again when they do not change', async () => {
  const hosts = pair();
  const { exit } = await runOn({
    hosts,
    resources: (host) => [agreed(host === 'svr1' ? failing('version') : keyed('version', '3'))],
  });
  expect(exit).toBe(EXIT.rolledBack);
  expect(hosts.map(({ history }) => history)).toEqual([
    ['version=half', '-version'],
    ['silenced=1', '-silenced'],
  ]);
});

test('a service that was silenced follows the others once they have changed, though the run is interrupted', async () => {
  const hosts = pair();
  const interrupt = new AbortController();
  const { exit, hosts: results } = await runOn({
    hosts,
    resources: [agreed(keyed('version', '3'))],
    request: { signal: interrupt.signal },
    onEvent: ({ type }) => {
      if (type === 'host-done') {
        interrupt.abort();
      }
    },
  });
  expect([exit, results.map(({ status }) => status)]).toEqual([EXIT.interrupted, ['changed', 'changed']]);
  expect(hosts.map(({ history }) => history)).toEqual([['version=3'], ['silenced=1', 'version=3']]);
});

test('a service that cannot follow the others is not started as it was: it stays silenced', async () => {
  const hosts = pair();
  const { exit, hosts: results } = await runOn({
    hosts,
    resources: (host) => [agreed(host === 'svr2' ? failing('version') : keyed('version', '3'))],
  });
  expect([exit, results.map(({ status }) => status)]).toEqual([EXIT.failed, ['changed', 'failed']]);
  expect(hosts.map(({ history }) => history)).toEqual([['version=3'], ['silenced=1', 'version=half']]);
});
