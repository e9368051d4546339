import { expect, test } from 'vitest';
import type { Facts } from '../../src/core/facts.ts';
import { changeIds, pendingSteps, planHost } from '../../src/core/plan.ts';
import type { Seen } from '../../src/core/query.ts';
import { OK, type PlanContext, type Resource, type Verdict } from '../../src/core/resource.ts';
import { rawScript } from '../../src/core/script.ts';
import { mapLimited } from '../../src/core/concurrency.ts';

const FACTS: Facts = {
  os: 'debian',
  osVersion: '12',
  systemd: true,
  interfaces: [],
  packageVersion: () => undefined,
};

const NOTHING: Seen = {
  answer: () => {
    throw new Error('nothing was read');
  },
};

function resource(id: string, plan: (context: PlanContext) => Verdict): Resource {
  return { id, kind: 'test', needs: [], reads: {}, plan: (_seen, context) => plan(context) };
}

const CHANGE: Verdict = { is: 'change', change: { summary: 'changed', apply: rawScript(':') } };

test('a plan has every resource in the order declared, and tells which may change', () => {
  const resources = [
    resource('a', () => OK),
    resource('b', () => CHANGE),
    resource('c', () => ({ is: 'unknown', reason: 'after b' })),
  ];
  const plan = planHost('svr1', resources, NOTHING, FACTS);
  expect(plan.steps.map(({ is, resource: { id } }) => `${id} ${is}`)).toEqual([
    'a ok',
    'b change',
    'c unknown',
  ]);
  expect(pendingSteps(plan)).toHaveLength(2);
  expect(changeIds(plan)).toEqual(['b', 'c']);
});

test('a resource sees what is changed before it, unknown counting as changed, and nothing of what comes after', () => {
  const saw: string[] = [];
  const look = (id: string) =>
    resource(id, ({ changes }) => {
      saw.push(`${id}: ${['ok', 'change', 'unknown', 'last'].filter((other) => changes(other)).join(' ')}`);
      return CHANGE;
    });
  planHost(
    'svr1',
    [
      look('first'),
      resource('ok', () => OK),
      resource('change', () => CHANGE),
      resource('unknown', () => ({ is: 'unknown', reason: 'who knows' })),
      look('middle'),
      look('last'),
    ],
    NOTHING,
    FACTS,
  );
  expect(saw).toEqual(['first: ', 'middle: change unknown', 'last: change unknown']);
});

test('work is done at most so much at a time, and results come in the order of the items', async () => {
  let running = 0;
  let most = 0;
  const results = await mapLimited([30, 5, 20, 1, 10], 2, async (ms) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
    running -= 1;
    return ms * 2;
  });
  expect(results).toEqual([60, 10, 40, 2, 20]);
  expect(most).toBe(2);
});

test('no items, no work', async () => {
  expect(await mapLimited([], 5, () => Promise.reject(new Error('called')))).toEqual([]);
});
