import { expect, test } from 'vitest';
import { EXIT } from '../../src/core/error.ts';
import type { RunEvent } from '../../src/core/event.ts';
import type { Check } from '../../src/core/resource.ts';
import { rawScript } from '../../src/core/script.ts';
import { outputOf } from '../../src/queries/output.ts';
import { MemoryHost } from './memory-host.ts';
import { keyed, runOn } from './memory-run.ts';

const A = outputOf(rawScript('get a'));
const asked: Check = { name: 'asked', reads: { a: A }, judge: () => ({ ok: true, detail: 'fine' }) };

/** A run on two hosts whose connections all break as soon as `when` is heard. */
async function cutAt(when: (event: RunEvent) => boolean) {
  const hosts = [new MemoryHost('svr1', { vip: 'here' }), new MemoryHost('svr2')];
  let isCut = false;
  const result = await runOn({
    hosts,
    resources: [keyed('a', '1'), keyed('b', '2')],
    checks: [asked],
    onEvent: (event) => {
      if (!isCut && when(event)) {
        isCut = true;
        hosts.forEach((host) => host.cut());
      }
    },
  });
  expect(isCut).toBe(true);
  expect(hosts.map(({ lockedBy }) => lockedBy)).toEqual([undefined, undefined]);
  return { ...result, histories: hosts.map(({ history }) => history) };
}

const isStep = (step: string) => (event: RunEvent) => event.type === 'host-step' && event.step === step;

test.each([
  ['the plan is shown', (event: RunEvent) => event.type === 'planned'],
  ['a host is locked', isStep('locked')],
  ['a host is begun', (event: RunEvent) => event.type === 'host-started'],
  [
    'the last change of a host is done',
    (event: RunEvent) => event.type === 'change-done' && event.id === 'task b',
  ],
  ['a host is verified', isStep('verified')],
  ['a host is done', (event: RunEvent) => event.type === 'host-done'],
  ['the service is checked', (event: RunEvent) => event.type === 'check-judged'],
  ['what is kept for undoing goes', isStep('forgotten')],
])('connections that break when %s are made anew, and the run goes on', async (_, when) => {
  const { exit, histories } = await cutAt(when);
  expect([exit, histories]).toEqual([
    EXIT.converged,
    [
      ['a=1', 'b=2'],
      ['a=1', 'b=2'],
    ],
  ]);
});

test('a connection that breaks before anything was begun on the host: unreachable, and nothing to take back', async () => {
  const { exit, hosts, histories } = await cutAt(({ type }) => type === 'change-started');
  expect([exit, histories]).toEqual([EXIT.unreachable, [[], []]]);
  expect(hosts).toMatchObject([{ status: 'skipped' }, { status: 'unreachable' }]);
  expect(hosts[1]?.rollback).toBeUndefined();
});

test('connections that break between two changes: the host is taken back', async () => {
  const { exit, histories } = await cutAt(({ type }) => type === 'change-done');
  expect([exit, histories]).toEqual([EXIT.rolledBack, [[], ['a=1', '-a']]]);
});

test('a run that lost its lock with the connection does not go on where another one has begun', async () => {
  const [host] = [new MemoryHost('svr1')];
  const { exit } = await runOn({
    hosts: [host],
    resources: [keyed('a', '1')],
    onEvent: ({ type }) => {
      if (type === 'host-started') {
        host.cut();
        host.lockedBy = 'another run';
      }
    },
  });
  expect([exit, host.history]).toEqual([EXIT.locked, []]);
});
