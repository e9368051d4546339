import { afterEach, expect, test, vi } from 'vitest';
import { EXIT, InvalidInput, type Trouble } from '../../src/core/error.ts';
import type { Resource } from '../../src/core/resource.ts';
import { rawScript } from '../../src/core/script.ts';
import { task } from '../../src/resources/task.ts';
import { keyed, runOn } from './memory-run.ts';
import { MemoryHost } from './memory-host.ts';

const HERE = /^test\/stages\/role-mistakes\.test\.ts:\d+$/;

afterEach(() => {
  vi.useRealTimers();
});

function impossible(): never {
  throw new Error('cannot be');
}

async function refusal(run: Promise<unknown>): Promise<readonly Trouble[]> {
  const error = await run.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InvalidInput);
  return (error as InvalidInput).troubles;
}

test('a role that throws is told by host, role and line, and no host is asked', async () => {
  const host = new MemoryHost('svr1');
  const troubles = await refusal(runOn({ hosts: [host], resources: impossible }));
  expect(troubles).toMatchObject([{ host: 'svr1', resource: 'role web', what: 'cannot be' }]);
  expect(troubles[0]?.from).toMatch(HERE);
  expect(host.execs).toBe(0);
});

test('a plan that throws is told by resource and line on every host, and nothing is changed', async () => {
  const hosts = [new MemoryHost('svr1'), new MemoryHost('svr2')];
  const throwing: Resource = {
    ...keyed('b', '2'),
    plan() {
      throw new RangeError('no interface carries 10.0.0.1');
    },
  };
  const troubles = await refusal(runOn({ hosts, resources: [keyed('a', '1'), throwing] }));
  const told = { resource: 'task b', what: 'no interface carries 10.0.0.1' };
  expect(troubles).toMatchObject([
    { host: 'svr1', ...told },
    { host: 'svr2', ...told },
  ]);
  expect(troubles[0]?.from).toMatch(HERE);
  expect(hosts.map(({ history }) => history)).toEqual([[], []]);
});

test('what a zx function throws fails its task, what was before is taken back, nothing after it is begun', async () => {
  const host = new MemoryHost('svr1');
  const throwing = task({
    name: 'zone',
    probe: rawScript('get zone'),
    async apply() {
      throw new Error('no such zone');
    },
    undo: rawScript(':'),
  });
  const result = await runOn({ hosts: [host], resources: [keyed('a', '1'), throwing, keyed('c', '3')] });
  expect(result.exit).toBe(EXIT.rolledBack);
  expect(result.troubles).toMatchObject([{ host: 'svr1', resource: 'task zone', what: 'no such zone' }]);
  expect(result.troubles[0]?.from).toMatch(HERE);
  expect(host.history).toEqual(['a=1', '-a']);
});

test('a need that is not returned, or returned too late, is refused before any host is asked', async () => {
  const host = new MemoryHost('svr1');
  const resources = [keyed('a', '1', ['task b', 'task gone']), keyed('b', '2')];
  const troubles = await refusal(runOn({ hosts: [host], resources }));
  expect(troubles.map(({ resource, what }) => `${resource}: ${what}`)).toEqual([
    'task a: needs "task b", which comes after it',
    'task a: needs "task gone", which no role declares',
  ]);
  expect(host.execs).toBe(0);
});

test('a check that throws does not hold, and tells where it failed', async () => {
  vi.useFakeTimers();
  const check = {
    name: 'answers',
    reads: {},
    judge: () => Promise.reject(new Error('connection refused')),
  };
  const run = runOn({ hosts: [new MemoryHost('svr1')], resources: [], checks: [check] });
  await vi.advanceTimersByTimeAsync(30_000);
  const { exit, checks } = await run;
  expect(exit).toBe(EXIT.degraded);
  expect(checks[0]?.judgement).toMatchObject({ ok: false, detail: 'connection refused' });
  expect(checks[0]?.judgement.hint).toMatch(
    /^the check failed at test\/stages\/role-mistakes\.test\.ts:\d+$/,
  );
});
