import { expect, test } from 'vitest';
import type { HostStatus, ServerStatus } from '../../src/core/status.ts';
import { serviceFindings } from '../../src/drift/service.ts';

const VIP = '172.25.254.130';

const status = (host: string, more: Partial<HostStatus> = {}): HostStatus => ({
  host,
  services: [],
  vrrp: [],
  heldBack: [],
  vips: [VIP],
  carries: [],
  armed: [],
  kept: [],
  ...more,
});

const server = (more: Partial<ServerStatus>): ServerStatus => ({
  name: 'svr2',
  status: 'UP',
  check: 'L7OK',
  address: '172.25.254.132',
  port: 80,
  weight: 1,
  configuredWeight: 1,
  byHand: [],
  ...more,
});

const told = (statuses: readonly HostStatus[], isWhole = true) =>
  serviceFindings(statuses, isWhole).map(
    ({ severity, host = 'cluster', item, found }) => `${severity} ${host} ${item}: ${found}`,
  );

const HOLDER = status('svr1', { carries: [VIP] });

test('a virtual IP is on one host, unless a host that may have it does not answer', () => {
  expect(told([HOLDER, status('svr2')])).toEqual([]);
  expect(told([HOLDER, status('svr2', { carries: [VIP] })])).toEqual([
    `degraded cluster VIP ${VIP}: on svr1 and svr2`,
  ]);
  expect(told([status('svr1'), status('svr2')])).toEqual([`degraded cluster VIP ${VIP}: on no host`]);
  expect(told([status('svr2')], false)).toEqual([]);
});

test('a host that could not take it over is told', () => {
  expect(told([HOLDER, status('svr2', { heldBack: ['VI_1 is in FAULT'] })])).toEqual([
    'degraded svr2 VIP takeover: VI_1 is in FAULT',
  ]);
});

test.each([
  [{}, []],
  [{ status: 'no check', check: '' }, []],
  [{ status: 'MAINT' }, []],
  [{ status: 'DOWN', check: 'L4CON' }, ['degraded svr1 server web/svr2: DOWN (L4CON)']],
  [{ status: 'MAINT', byHand: ['maintenance'] }, ['degraded svr1 server web/svr2: MAINT, by hand']],
  [{ status: 'DRAIN', byHand: ['drained'] }, ['degraded svr1 server web/svr2: DRAIN, by hand']],
  [{ weight: 5 }, ['drift svr1 server web/svr2 weight: 5']],
  [{ status: 'no check', byHand: ['checks off'] }, ['drift svr1 server web/svr2 checks: off']],
  [{ byHand: ['enabled'] }, ['drift svr1 server web/svr2 maintenance: enabled by hand']],
])('of a server as HAProxy sees it, %j, is told %j', (more, expected) => {
  const backends = [{ name: 'web', servers: [server(more)] }];
  expect(told([{ ...HOLDER, backends }, status('svr2')])).toEqual(expected);
});
