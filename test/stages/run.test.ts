import { afterEach, expect, test, vi } from 'vitest';
import { EXIT, InvalidInput } from '../../src/core/error.ts';
import type { RunEvent } from '../../src/core/event.ts';
import type { Change, Check, Resource } from '../../src/core/resource.ts';
import { rawScript } from '../../src/core/script.ts';
import { outputOf } from '../../src/queries/output.ts';
import { keyed, runOn } from './memory-run.ts';
import { MemoryHost } from './memory-host.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** `svr1` has the VIP. */
function pair(): readonly [MemoryHost, MemoryHost] {
  return [new MemoryHost('svr1', { vip: 'here' }), new MemoryHost('svr2')];
}

const AB = [keyed('a', '1'), keyed('b', '2', ['task a'])];

test('check reads every host once and changes none', async () => {
  const hosts = pair();
  const { exit, hosts: results, checks } = await runOn({ hosts, resources: AB, request: { check: true } });
  expect(exit).toBe(EXIT.changesPending);
  expect(results.map(({ status }) => status)).toEqual(['pending', 'pending']);
  expect(hosts.map(({ history, execs }) => [history, execs])).toEqual([
    [[], 1],
    [[], 1],
  ]);
  expect(checks).toEqual([]);
});

test('apply makes the changes in order, the holder of the VIP last, and reports what check predicted', async () => {
  const hosts = pair();
  const { exit, hosts: results, events } = await runOn({ hosts, resources: AB });
  expect(exit).toBe(EXIT.converged);
  expect(results.map(({ applied }) => applied.map(({ id }) => id))).toEqual([
    ['task a', 'task b'],
    ['task a', 'task b'],
  ]);
  expect(hosts.map(({ history }) => history)).toEqual([
    ['a=1', 'b=2'],
    ['a=1', 'b=2'],
  ]);
  expect(events.flatMap((event) => (event.type === 'host-started' ? [event.host] : []))).toEqual([
    'svr2',
    'svr1',
  ]);
});

test('a second run finds nothing, with one exec for each host', async () => {
  const hosts = pair();
  await runOn({ hosts, resources: AB });
  hosts.forEach((host) => {
    host.execs = 0;
  });
  const { exit, hosts: results } = await runOn({ hosts, resources: AB });
  expect([exit, results.map(({ status }) => status)]).toEqual([EXIT.converged, ['ok', 'ok']]);
  expect(hosts.map(({ execs }) => execs)).toEqual([1, 1]);
});

test('a failed change ends its host, and no other host is begun', async () => {
  const hosts = pair();
  const broken: Resource = {
    ...keyed('b', '2'),
    plan: () => ({
      is: 'change',
      change: {
        summary: 'x',
        apply: rawScript('fail|line one|nginx: it broke'),
        undo: rawScript(':'),
      },
    }),
  };
  const {
    exit,
    hosts: results,
    troubles,
  } = await runOn({ hosts, resources: [keyed('a', '1'), broken, keyed('c', '3')] });
  expect(exit).toBe(EXIT.rolledBack);
  expect(results.map(({ status }) => status)).toEqual(['skipped', 'failed']);
  expect(hosts.map(({ history }) => history)).toEqual([[], ['a=1', '-a']]);
  expect(troubles).toMatchObject([
    { host: 'svr2', resource: 'task b', what: 'nginx: it broke', why: ['line one'], ended: 'exit 1' },
  ]);
});

test('a failed change that said nothing is told all the same', async () => {
  const [host] = pair();
  const silent: Resource = {
    ...keyed('b', '2'),
    plan: () => ({ is: 'change', change: { summary: 'x', apply: rawScript('fail') } }),
  };
  const { troubles } = await runOn({ hosts: [host], resources: [silent] });
  expect(troubles).toMatchObject([{ what: 'the change failed', ended: 'exit 1' }]);
});

test('a host that moved since the plan was shown is not touched', async () => {
  const hosts = pair();
  const { exit, troubles } = await runOn({
    hosts,
    resources: AB,
    request: {
      confirm: async () => {
        hosts[1].values.set('a', '9');
        return true;
      },
    },
  });
  expect(exit).toBe(EXIT.planStale);
  expect(troubles).toMatchObject([{ host: 'svr2', why: ['task a: planned "absent -> 1", now "9 -> 1"'] }]);
  expect(hosts.map(({ history }) => history)).toEqual([[], []]);
});

test('a no to the plan is a run without changes', async () => {
  const hosts = pair();
  const { exit } = await runOn({ hosts, resources: AB, request: { confirm: async () => false } });
  expect([exit, ...hosts.flatMap(({ history }) => history)]).toEqual([EXIT.changesPending]);
});

test('an unreachable host counts as failed: nothing is begun on the other', async () => {
  const hosts = pair();
  hosts[0].lost = true;
  const { exit, hosts: results } = await runOn({ hosts, resources: AB });
  expect(exit).toBe(EXIT.unreachable);
  expect(results.map(({ status }) => status)).toEqual(['unreachable', 'pending']);
  expect(hosts[1].history).toEqual([]);
});

test('a change that is no longer needed at its turn is told as such, not as applied', async () => {
  const [host] = pair();
  const both: Resource = { ...keyed('a', '1'), plan: alsoSets('b=2', keyed('a', '1')) };
  const { hosts: results } = await runOn({ hosts: [host], resources: [both, keyed('b', '2', ['task a'])] });
  expect(results).toMatchObject([{ applied: [{ id: 'task a' }], unneeded: ['task b'], status: 'changed' }]);
});

function alsoSets(pairText: string, resource: Resource): Resource['plan'] {
  return (seen, context) => {
    const verdict = resource.plan(seen, context);
    const [key = '', value = ''] = pairText.split('=');
    return verdict.is === 'change'
      ? { is: 'change', change: { ...verdict.change, apply: rawScript(`set a 1\nset ${key} ${value}`) } }
      : verdict;
  };
}

test('what stays unknown at its turn is an error, and what came before it is taken back', async () => {
  const [host] = pair();
  const unknown: Resource = {
    ...keyed('b', '2'),
    plan: () => ({ is: 'unknown', reason: 'a file is in the way' }),
  };
  const { exit, troubles } = await runOn({ hosts: [host], resources: [keyed('a', '1'), unknown] });
  expect(exit).toBe(EXIT.rolledBack);
  expect(troubles).toMatchObject([{ resource: 'task b', what: 'cannot be planned: a file is in the way' }]);
  expect(host.history).toEqual(['a=1', '-a']);
});

test('a service that does not recover ends the rollout before the next host', async () => {
  vi.useFakeTimers();
  const hosts = pair();
  const served: Check = {
    name: 'served',
    reads: {},
    judge: (_seen, ask) =>
      ask.converged('svr2') ? { ok: false, detail: 'no answer', hint: 'look' } : { ok: true, detail: 'fine' },
  };
  const running = runOn({ hosts, resources: AB, checks: [served] });
  await vi.advanceTimersByTimeAsync(30_000);
  const { exit, troubles, checks } = await running;
  expect(exit).toBe(EXIT.rolledBack);
  expect(checks).toMatchObject([{ check: 'served', judgement: { ok: true } }]);
  expect(troubles).toMatchObject([{ host: 'svr2', why: ['served: no answer'], hint: 'look' }]);
  expect(hosts[0].history).toEqual([]);
});

test('a converged pair whose service is down is told apart: exit 8', async () => {
  vi.useFakeTimers();
  const hosts = pair().map((host) => {
    host.values.set('a', '1');
    return host;
  });
  const down: Check = { name: 'served', reads: {}, judge: () => ({ ok: false, detail: 'no answer' }) };
  const running = runOn({ hosts, resources: [keyed('a', '1')], checks: [down] });
  await vi.advanceTimersByTimeAsync(30_000);
  expect((await running).exit).toBe(EXIT.degraded);
});

/** A task whose change must happen on all hosts together. */
function lockstep(key: string, value: string): Resource {
  const own = keyed(key, value);
  return {
    ...own,
    plan(seen, context) {
      const verdict = own.plan(seen, context);
      const agreed = {
        disagrees: true,
        quiesce: rawScript(`set silenced ${key}`),
        resume: rawScript(`set silenced no`),
      };
      return verdict.is === 'change'
        ? { is: 'change', change: { ...verdict.change, lockstep: agreed } satisfies Change }
        : verdict;
    },
  };
}

test('in lockstep the first hosts are silenced, the last one changes, then the others follow', async () => {
  const hosts = pair();
  const order: string[] = [];
  const { exit, hosts: results } = await runOn({
    hosts,
    resources: [keyed('a', '1'), lockstep('version', '3'), keyed('after', 'x', ['task version'])],
    onEvent: (event) => {
      if (event.type === 'change-done' || event.type === 'change-deferred') {
        order.push(`${event.host} ${event.id}${event.type === 'change-done' ? '' : ' later'}`);
      }
    },
  });
  expect(order).toEqual([
    'svr2 task a',
    'svr2 task version later',
    'svr2 task after later',
    'svr1 task a',
    'svr1 task version',
    'svr1 task after',
    'svr2 task version',
    'svr2 task after',
  ]);
  expect(hosts[1].history).toEqual(['a=1', 'silenced=version', 'version=3', 'after=x']);
  expect([exit, results.map(({ applied }) => applied.length)]).toEqual([EXIT.converged, [3, 3]]);
});

test('a change in lockstep is refused when --limit leaves a host behind', async () => {
  const hosts = pair();
  const limited = runOn({ hosts, resources: [lockstep('version', '3')], request: { selected: ['svr2'] } });
  await expect(limited).rejects.toThrow(InvalidInput);
  await expect(limited).rejects.toThrow('svr1 would be left behind');
  expect(hosts.map(({ history }) => history)).toEqual([[], []]);
});

test('a host that --limit leaves out is asked for checks and never changed', async () => {
  const hosts = pair();
  const vip = outputOf(rawScript('get vip'));
  const onOne: Check = {
    name: 'VIP',
    reads: { vip },
    judge: (seen) => ({
      ok: true,
      detail: [...seen]
        .filter(([, answers]) => answers.answer(vip).exit === 0)
        .map(([host]) => host)
        .join(),
    }),
  };
  const { checks, hosts: results } = await runOn({
    hosts,
    resources: AB,
    checks: [onOne],
    request: { selected: ['svr2'] },
  });
  expect(checks).toMatchObject([{ judgement: { detail: 'svr1' } }]);
  expect(results.map(({ host }) => host)).toEqual(['svr2']);
  expect(hosts[0].history).toEqual([]);
});

test('an interrupt begins no further change, and says so by its exit code', async () => {
  const hosts = pair();
  const interrupt = new AbortController();
  const { exit } = await runOn({
    hosts,
    resources: AB,
    request: { signal: interrupt.signal },
    onEvent: (event) => {
      if (event.type === 'change-done') {
        interrupt.abort();
      }
    },
  });
  expect(exit).toBe(EXIT.interrupted);
  expect(hosts.map(({ history }) => history)).toEqual([[], ['a=1', '-a']]);
});

test.each([
  ['alpine', true, 'runs alpine, which is not supported'],
  ['debian', false, 'does not run systemd as PID 1, which is needed'],
  ['', true, 'runs an unknown system, which is not supported'],
])('a host of os "%s", systemd %s is refused before anything is changed', async (os, systemd, what) => {
  const hosts = pair();
  hosts[0].os = os;
  hosts[0].systemd = systemd;
  await expect(runOn({ hosts, resources: AB })).rejects.toThrow(what);
  expect(hosts[1].history).toEqual([]);
});

test('tags leave out what was not asked for, and refuse to leave out what is needed', async () => {
  const [host] = pair();
  const tagged = [
    { ...keyed('a', '1'), tags: ['first'] },
    { ...keyed('b', '2', ['task a']), tags: ['second'] },
    { ...keyed('c', '3'), tags: ['third'] },
  ];
  const only = (tags: readonly string[], skipTags: readonly string[] = []) =>
    runOn({ hosts: [host], resources: tagged, request: { tags, skipTags, check: true } });
  const ids = async (run: ReturnType<typeof only>) =>
    (await run).hosts[0]?.plan?.steps.flatMap(({ resource: { id } }) =>
      id === 'run unfinished' ? [] : [id],
    );
  expect(await ids(only(['third']))).toEqual(['task c']);
  expect(await ids(only(['web'], ['third']))).toEqual(['task a', 'task b']);
  expect(await ids(only(['task'], ['first', 'second']))).toEqual(['task c']);
  await expect(only(['second'])).rejects.toThrow('needs "task a", which is not as declared and is left out');
  host.values.set('a', '1');
  expect(await ids(only(['second']))).toEqual(['task b']);
});

test('two resources of one id are refused before any host is asked', async () => {
  const hosts = pair();
  await expect(runOn({ hosts, resources: [keyed('a', '1'), keyed('a', '2')] })).rejects.toThrow(
    'declared twice',
  );
  expect(hosts.map(({ execs }) => execs)).toEqual([0, 0]);
});

test('batches of two are worked on at the same time', async () => {
  const hosts = ['a', 'b', 'c'].map((name) => new MemoryHost(name));
  const { events } = await runOn({ hosts, resources: AB, serial: 2 });
  const order = events.flatMap((event) =>
    event.type === 'host-started'
      ? [`${event.host} begins`]
      : event.type === 'change-done' && event.id === 'task b'
        ? [`${event.host} done`]
        : [],
  );
  expect(order.slice(0, 2)).toEqual(['a begins', 'b begins']);
  expect(order.at(-1)).toBe('c done');
});

test('a host that another run holds is not touched, and neither is any other', async () => {
  const hosts = pair();
  hosts[0].lockedBy = 'phase2 by root@elsewhere since 03:00\n';
  const { exit, hosts: results, troubles } = await runOn({ hosts, resources: AB });
  expect(exit).toBe(EXIT.locked);
  expect(results.map(({ status }) => status)).toEqual(['failed', 'skipped']);
  expect(troubles.map(({ host, why }) => [host, why])).toEqual([
    ['svr1', ['phase2 by root@elsewhere since 03:00']],
  ]);
  expect(hosts.flatMap(({ history }) => history)).toEqual([]);
  expect(hosts[1].lockedBy, 'its own lock is given back').toBeUndefined();
});

test('locks are given back, whether the run succeeds or fails', async () => {
  const hosts = pair();
  await runOn({ hosts, resources: AB });
  await runOn({ hosts, resources: [keyed('c', '1\nfail|no')] });
  expect(hosts.map(({ lockedBy }) => lockedBy)).toEqual([undefined, undefined]);
});

test('a host that --limit leaves out and another run holds ends the run too', async () => {
  const hosts = pair();
  hosts[0].lockedBy = 'phase2 -l svr1 by root@elsewhere';
  const { exit, troubles, events } = await runOn({ hosts, resources: AB, request: { selected: ['svr2'] } });
  expect(exit).toBe(EXIT.locked);
  expect(troubles).toMatchObject([{ host: 'svr1', why: ['phase2 -l svr1 by root@elsewhere'] }]);
  expect(hosts.flatMap(({ history }) => history)).toEqual([]);
  expect(reasonsIn(events)).toEqual(['svr2: another host is locked']);
});

test('a host that --limit leaves out is locked while the others change, and given back', async () => {
  const hosts = pair();
  const holders: (string | undefined)[] = [];
  const { exit } = await runOn({
    hosts,
    resources: AB,
    request: { selected: ['svr2'] },
    onEvent: ({ type }) => void (type === 'change-done' && holders.push(hosts[0].lockedBy)),
  });
  expect([exit, holders]).toEqual([EXIT.converged, ['this run', 'this run']]);
  expect(hosts[0].lockedBy).toBeUndefined();
});

test('a host that --limit leaves out and that has no lock to take fails nothing', async () => {
  const hosts = pair();
  hosts[0].cannotLock = true;
  const { exit, events } = await runOn({ hosts, resources: AB, request: { selected: ['svr2'] } });
  expect(exit).toBe(EXIT.converged);
  expect(reasonsIn(events)).toEqual([
    'svr1: left out by --limit, and could not be locked: its lock could not be taken; nothing was changed',
  ]);
});

test('why a host was not begun is told as it is', async () => {
  const hosts = pair();
  hosts[0].cannotLock = true;
  const refused = await runOn({ hosts, resources: AB });
  expect([refused.exit, reasonsIn(refused.events)]).toEqual([
    EXIT.failed,
    ['svr2: another host could not be locked'],
  ]);

  const interrupt = new AbortController();
  const stopped = await runOn({
    hosts: pair(),
    resources: AB,
    request: {
      signal: interrupt.signal,
      confirm: async () => {
        interrupt.abort();
        return true;
      },
    },
  });
  expect([stopped.exit, reasonsIn(stopped.events)]).toEqual([
    EXIT.interrupted,
    ['svr1: the run was stopped', 'svr2: the run was stopped'],
  ]);
});

function reasonsIn(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'host-skipped' ? [`${event.host}: ${event.reason}`] : []));
}
