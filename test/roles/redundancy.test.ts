import { expect, test } from 'vitest';
import * as v from 'valibot';
import type { Ask } from '../../src/core/resource.ts';
import type { Cluster, ClusterHost } from '../../src/core/role.ts';
import { redundancyChecks } from '../../roles/keepalived/checks.ts';
import { vars } from '../../roles/keepalived/vars.ts';
import { seenFrom, writtenAnswers } from '../golden/observed.ts';

const NAMES = ['svr1', 'svr2'];

const clusterWith = (vips: readonly object[]) => ({
  hosts: NAMES.map((name): ClusterHost => {
    const given = { vips, track: ['nginx'], checks: { check_nginx: {} } };
    return {
      name,
      address: '172.25.254.131',
      groups: [],
      vars: new Map([['keepalived', v.parse(vars, given)]]),
    };
  }),
});

const ONE = clusterWith([{ address: '172.25.254.130' }]);
const TWO = clusterWith([{ address: '172.25.254.130' }, { address: '172.25.254.140' }]);

const READY = { track: '0\n', state: 'healthy\n', vrrp: 'BACKUP\n', second: 'MASTER\n' };

/** What is judged when svr1 is ready and svr2's files say this. */
async function judged(
  { track, state, vrrp = 'BACKUP\n', second = 'BACKUP\n' }: Partial<typeof READY>,
  { done = NAMES, cluster = ONE }: { readonly done?: readonly string[]; readonly cluster?: Cluster } = {},
) {
  const [check, ...others] = redundancyChecks(cluster);
  expect(others).toEqual([]);
  const seen = [READY, { track, state, vrrp, second }].map((files, index) => {
    const observed = {
      'file /run/ha-track/nginx': files.track === undefined ? 'absent' : { content: files.track },
      'file /run/ha-track/VI_1.state': { content: files.vrrp },
      ...(cluster === TWO && { 'file /run/ha-track/VI_2.state': { content: files.second } }),
      'file /run/ha-track/check_nginx.state': files.state === undefined ? 'absent' : { content: files.state },
    };
    const queries = Object.values(check?.reads ?? {});
    return [NAMES[index] ?? '', seenFrom(queries, writtenAnswers(observed))] as const;
  });
  const ask: Ask = {
    converged: (host) => done.includes(host),
    http: () => Promise.reject(new Error('nothing is asked over HTTP')),
  };
  return check?.judge(new Map(seen), ask);
}

test('hosts whose service runs and is healthy may hold the VIP', async () => {
  expect(await judged(READY)).toEqual({ ok: true, detail: 'svr1, svr2' });
});

test('a host whose service does not run may not, also when it was never written', async () => {
  const detail = 'svr2 may not: /run/ha-track/nginx is not 0';
  expect(await judged({ ...READY, track: '1\n' })).toMatchObject({ ok: false, detail });
  expect(await judged({ state: 'healthy\n' })).toMatchObject({ ok: false, detail });
});

test('a host whose service only looks alive may not', async () => {
  const detail = 'svr2 may not: check_nginx says unhealthy';
  expect(await judged({ track: '0\n', state: 'unhealthy\n' })).toMatchObject({ ok: false, detail });
});

test('a check that has not said anything yet is no reason', async () => {
  expect(await judged({ track: '0\n', state: '' })).toMatchObject({ ok: true });
  expect(await judged({ track: '0\n' })).toMatchObject({ ok: true });
});

test('a host that has not had its turn is not counted', async () => {
  expect(await judged({ track: '1\n' }, { done: ['svr1'] })).toEqual({ ok: true, detail: 'svr1' });
});

test('a host whose keepalived does not take part may not, whatever the files it watches say', async () => {
  const fault = 'svr2 may not: keepalived has said FAULT of VI_1';
  expect(await judged({ ...READY, vrrp: 'FAULT\n' })).toMatchObject({ ok: false, detail: fault });
  const silent = 'svr2 may not: keepalived has said nothing yet of VI_1';
  expect(await judged({ ...READY, vrrp: '' })).toMatchObject({ ok: false, detail: silent });
});

test('a host that may not hold one of two addresses is not redundant', async () => {
  expect(await judged(READY, { cluster: TWO })).toMatchObject({ ok: true });
  const detail = 'svr2 may not: keepalived has said FAULT of VI_2';
  expect(await judged({ ...READY, second: 'FAULT\n' }, { cluster: TWO })).toMatchObject({
    ok: false,
    detail,
  });
  expect(await judged({ ...READY, second: 'FAULT\n' })).toMatchObject({ ok: true });
});
