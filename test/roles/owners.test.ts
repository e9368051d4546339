import { expect, test } from 'vitest';
import * as v from 'valibot';
import type { Ask, Check } from '../../src/core/resource.ts';
import type { Cluster, ClusterHost } from '../../src/core/role.ts';
import { ownerChecks, vipChecks } from '../../roles/keepalived/checks.ts';
import keepalived from '../../roles/keepalived/index.ts';
import { ownersOf, prioritiesOf } from '../../roles/keepalived/owners.ts';
import { vars, type KeepalivedVars } from '../../roles/keepalived/vars.ts';
import { seenFrom, writtenAnswers } from '../golden/observed.ts';

const FIRST = '172.25.254.130';
const SECOND = '172.25.254.140';
const DUAL = { vip_mode: 'dual', vips: [{ address: FIRST }, { address: SECOND }] };

const varsOf = (given: object): KeepalivedVars => v.parse(vars, given);

function clusterOf(given: object, names: readonly string[] = ['svr1', 'svr2']): Cluster {
  const host = (name: string): ClusterHost => ({
    name,
    address: '172.25.254.131',
    groups: [],
    vars: new Map([['keepalived', varsOf(given)]]),
  });
  return { hosts: names.map(host) };
}

/** What hosts answer that carry these addresses, and whose files say this. */
function carrying(check: Pick<Check, 'reads'>, addresses: readonly string[], files: object = {}) {
  const interfaces = [{ name: 'host0', addresses: addresses.map((address) => `${address}/32`) }];
  return seenFrom(Object.values(check.reads), writtenAnswers({ 'facts host': { interfaces }, ...files }));
}

const askOf = (done: readonly string[]): Ask => ({
  converged: (host) => done.includes(host),
  http: () => Promise.reject(new Error('nothing is asked over HTTP')),
});

/** What is judged of the owners when svr1 and svr2 carry these addresses. */
async function judged(
  svr1: readonly string[],
  svr2: readonly string[],
  {
    done = ['svr1', 'svr2'],
    given = DUAL,
  }: { readonly done?: readonly string[]; readonly given?: object } = {},
) {
  const [check, ...others] = ownerChecks(clusterOf(given));
  expect(others).toEqual([]);
  return check?.judge(
    new Map([
      ['svr1', carrying(check, svr1)],
      ['svr2', carrying(check, svr2)],
    ]),
    askOf(done),
  );
}

test('the owners are the hosts in turn, unless they are named', () => {
  const cluster = clusterOf(DUAL);
  expect(ownersOf(varsOf(DUAL), cluster)).toEqual(['svr1', 'svr2']);
  const named = {
    ...DUAL,
    vips: [{ address: FIRST, owner: 'svr2' }, { address: SECOND }, { address: '172.25.254.150' }],
  };
  expect(ownersOf(varsOf(named), cluster)).toEqual(['svr2', 'svr2', 'svr1']);
});

test('priorities of one address differ on all hosts, and the owner has the highest', () => {
  const names = ['a', 'b', 'c'];
  const cluster = clusterOf(DUAL, names);
  const priorities = names.map((name) => prioritiesOf(varsOf(DUAL), name, cluster));
  expect(priorities).toEqual([
    [254, 253],
    [253, 254],
    [252, 252],
  ]);
});

test('each address on its owner is as it should be', async () => {
  expect(await judged([FIRST], [SECOND])).toEqual({
    ok: true,
    detail: `${FIRST} on svr1, ${SECOND} on svr2`,
  });
});

test('an address on another host than its owner is told, with when it returns', async () => {
  expect(await judged([FIRST, SECOND], [])).toEqual({
    ok: false,
    detail: `${SECOND} not on svr2`,
    hint: 'it returns 5 s after svr2 can serve again: journalctl -n 50 -u keepalived there',
    deviations: [
      { item: `VIP ${SECOND} owner`, found: 'not on svr2', expected: 'on svr2', because: ['svr2'] },
    ],
  });
});

test('an owner that has not had its turn is not waited for', async () => {
  expect(await judged([FIRST, SECOND], [], { done: ['svr1'] })).toEqual({
    ok: true,
    detail: `${FIRST} on svr1`,
  });
  expect(await judged([], [], { done: [] })).toEqual({ ok: true, detail: 'no owner is done yet' });
});

test.each([
  ['one host holds every address', { ...DUAL, vip_mode: 'single' }],
  ['nothing returns by itself', { ...DUAL, preempt: false }],
  ['it returns later than a run waits', { ...DUAL, preempt_delay: 60 }],
])('owners are not looked at where %s', (_, given) => {
  expect(ownerChecks(clusterOf(given))).toEqual([]);
});

test('every address tells its own holder', async () => {
  const checks = vipChecks(clusterOf(DUAL));
  const seen = (check: Check) =>
    new Map([
      ['svr1', carrying(check, [FIRST])],
      ['svr2', carrying(check, [SECOND])],
    ]);
  const judgements = await Promise.all(checks.map((check) => check.judge(seen(check), askOf([]))));
  expect(judgements.map(({ values }) => values)).toEqual([
    { vip: FIRST, vipHolder: 'svr1' },
    { vip: SECOND, vipHolder: 'svr2' },
  ]);
});

test('of two holders, the one of the first address is worked on last', () => {
  const cluster = clusterOf(DUAL);
  const [host] = cluster.hosts;
  const standing = host && keepalived.standing?.({ host, vars: varsOf(DUAL), cluster, peers: [] });
  const rank = (addresses: readonly string[], files: object = {}) =>
    standing?.rank(carrying(standing, addresses, { 'unit keepalived.service': 'running', ...files }));
  const none = rank([]) ?? 0;
  const second = rank([SECOND]) ?? 0;
  const first = rank([FIRST]) ?? 0;
  expect([none, second, first].toSorted((a, b) => a - b)).toEqual([none, second, first]);
  expect(new Set([none, second, first]).size).toBe(3);
  expect(rank([FIRST, SECOND])).toBe(first);
  expect(rank([], { 'file /run/ha-track/VI_2.state': { content: 'MASTER\n' } })).toBe(second);
  expect(rank([], { 'unit keepalived.service': { active: 'failed' } })).toBeLessThan(none);
});
