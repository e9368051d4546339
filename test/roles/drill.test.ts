import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import drill from '../../roles/drill/index.ts';
import haproxy from '../../roles/haproxy/index.ts';
import keepalived from '../../roles/keepalived/index.ts';
import nginx from '../../roles/nginx/index.ts';
import type { Facts } from '../../src/core/facts.ts';
import type { Fault, FaultScripts } from '../../src/core/fault.ts';
import type { Seen } from '../../src/core/query.ts';
import type { ClusterHost, Role } from '../../src/core/role.ts';
import type { ArpState } from '../../src/queries/arp.ts';

const VIPS = [{ address: '172.25.254.130/32' }];

interface Given {
  readonly nginx?: object;
  readonly haproxy?: object;
  readonly keepalived?: object;
  readonly drill?: object;
}

const PHASE1: Given = { nginx: {}, haproxy: { state: 'stopped' }, keepalived: { vips: VIPS } };
const PHASE2: Given = { ...PHASE1, haproxy: {} };

function clusterWith(given: Given) {
  const roles: readonly Role[] = [nginx, haproxy, keepalived, drill];
  const vars = { drill: {}, ...given };
  const hosts = ['131', '132'].map((last, index): ClusterHost => ({
    name: `svr${index + 1}`,
    address: `172.25.254.${last}`,
    groups: ['web'],
    vars: new Map(
      roles.flatMap(({ name, vars: schema }) => {
        const own = vars[name as keyof Given];
        return own === undefined ? [] : [[name, v.parse(schema, own)] as const];
      }),
    ),
  }));
  return { hosts };
}

function faultsWith(given: Given): readonly Fault[] {
  return drill.faults?.(clusterWith(given)) ?? [];
}

function limitsOf(given: Given): Readonly<Record<string, Fault['limits']>> {
  return Object.fromEntries(faultsWith(given).map(({ name, limits }) => [name, limits]));
}

function scriptsOf(name: string, given: Given = PHASE1): FaultScripts {
  const means = faultsWith(given).find((fault) => fault.name === name)?.means;
  if (means?.by !== 'script') {
    throw new TypeError(`${name} is not done by a script`);
  }
  return means;
}

function refusals(given: Given): readonly string[] {
  return faultsWith(given).flatMap(({ name, refusal }) => (refusal === undefined ? [] : [name]));
}

function waits(given: Given): Readonly<Record<string, number>> {
  return Object.fromEntries(faultsWith(given).map(({ name, wholeWithinMs }) => [name, wholeWithinMs]));
}

/** What each host knows and heard of who has an address. */
function told(states: readonly Partial<ArpState>[]): ReadonlyMap<string, Seen> {
  return new Map(
    states.map((state, index) => {
      const answer = { heard: [], isAsked: true, ...state };
      return [`svr${index + 1}`, { answer: <T>() => answer as T }];
    }),
  );
}

const FACTS: Facts = {
  os: 'debian',
  osVersion: '12',
  systemd: true,
  interfaces: [
    { name: 'lo', addresses: ['127.0.0.1/8'] },
    { name: 'ens33', addresses: ['172.25.254.131/24', '172.25.254.130/32'] },
  ],
  packageVersion: () => undefined,
};

describe('the faults', () => {
  it('are those of what runs on the hosts, from mild to hard', () => {
    const rest = ['stop-keepalived', 'kill-keepalived', 'partition-and-heal', 'link-down', 'freeze'];
    const proxy = ['stop-haproxy', 'kill-haproxy', 'hang-haproxy'];
    const web = ['stop-nginx', 'kill-nginx', 'hang-nginx'];

    expect(faultsWith(PHASE1).map(({ name }) => name)).toEqual([...web, ...rest, 'reboot', 'power-loss']);
    expect(faultsWith(PHASE2).map(({ name }) => name)).toEqual([
      ...web,
      ...proxy,
      ...rest,
      'reboot',
      'power-loss',
    ]);
    expect(faultsWith({}).map(({ name }) => name)).toEqual(['link-down', 'freeze', 'reboot', 'power-loss']);
  });

  it('are measured at the ports of HAProxy where it stands in front', () => {
    const bound = {
      frontends: { a: { bind: [8000, '172.25.254.130:80'] } },
      listen: { b: { bind: [9000] } },
    };

    expect(new Set(faultsWith(PHASE1).map(({ ports }) => ports))).toEqual(new Set([undefined]));
    expect(faultsWith({ ...PHASE2, haproxy: bound })[0]?.ports).toEqual([8000, 80, 9000]);
  });

  it('cannot part hosts that talk by multicast', () => {
    expect(refusals(PHASE1)).toEqual([]);
    expect(refusals({ ...PHASE1, keepalived: { vips: VIPS, unicast: false } })).toEqual([
      'partition-and-heal',
    ]);
  });

  it('wait longer for a host that boots than for a service', () => {
    expect(waits(PHASE1)).toMatchObject({ 'stop-nginx': 60_000, 'link-down': 60_000, reboot: 600_000 });
    expect(waits({ ...PHASE1, drill: { whole_within: 5, reboot_within: 900 } })).toMatchObject({
      'stop-nginx': 5000,
      reboot: 900_000,
    });
  });
});

describe('the limits', () => {
  it('of phase 1', () => {
    expect(limitsOf(PHASE1)).toEqual({
      'stop-nginx': { outageMs: 300 },
      'kill-nginx': { outageMs: 300 },
      'hang-nginx': { outageMs: 4000 },
      'stop-keepalived': { outageMs: 300 },
      'kill-keepalived': { outageMs: 1000 },
      'partition-and-heal': { outageMs: 500 },
      'link-down': { outageMs: 1000 },
      freeze: { outageMs: 1000 },
      reboot: { outageMs: 300 },
      'power-loss': { outageMs: 1000 },
    });
  });

  it('of phase 2, at 100 requests per second', () => {
    expect(limitsOf(PHASE2)).toMatchObject({
      'stop-nginx': { lost: 0 },
      'kill-nginx': { lost: 0 },
      'hang-nginx': { lost: 120 },
      'stop-haproxy': { lost: 2 },
      'kill-haproxy': { lost: 10 },
      'hang-haproxy': { outageMs: 4000 },
      'partition-and-heal': { outageMs: 500 },
      reboot: { lost: 2 },
      'power-loss': { outageMs: 1000 },
    });
  });

  it('follow the rate, the adverts and the checks', () => {
    const slow = {
      vips: VIPS,
      advert_int: 1,
      checks: { a: { interval: 2, timeout: 1, fall: 3 }, b: {} },
    };
    const given = { ...PHASE2, keepalived: slow, drill: { rate: 250 } };

    expect(limitsOf(given)).toMatchObject({
      'stop-nginx': { lost: 0 },
      'kill-haproxy': { lost: 25 },
      'hang-haproxy': { outageMs: 9000 },
      'power-loss': { outageMs: 3400 },
    });
  });

  it('can be set, all of a fault at once', () => {
    const limits = { reboot: { outage_ms: 50 }, 'stop-haproxy': { lost: 7 }, freeze: {} };

    expect(limitsOf({ ...PHASE2, drill: { limits } })).toMatchObject({
      reboot: { outageMs: 50 },
      'stop-haproxy': { lost: 7 },
      freeze: {},
    });
    expect(limitsOf({ ...PHASE2, drill: { limits } })['reboot']).not.toHaveProperty('lost');
    expect(limitsOf({ ...PHASE2, drill: { limits } })['freeze']).toEqual({});
  });

  it('of a fault that there is not are refused', () => {
    expect(() => v.parse(drill.vars, { limits: { 'stop-apache': {} } })).toThrow('should be a fault');
  });
});

describe('the scripts', () => {
  const [host] = clusterWith(PHASE1).hosts;

  it.each(['link-down', 'partition-and-heal'])(
    'of %s are about the interface of the host’s address',
    (name) => {
      const { inject, heal } = scriptsOf(name);
      const texts = host === undefined ? [] : [inject(host, FACTS).text, heal?.(host, FACTS).text];

      texts.forEach((text) => expect(text).toContain('dev ens33'));
      expect(() => host && inject(host, { ...FACTS, interfaces: [] })).toThrow(
        'no interface carries 172.25.254.131',
      );
    },
  );

  it('part a host from the addresses that its peers send from', () => {
    const given = { ...PHASE1, keepalived: { vips: VIPS, source_address: '172.25.254.131' } };
    const { inject } = scriptsOf('partition-and-heal', given);

    expect(host && scriptsOf('partition-and-heal').inject(host, FACTS).text).toContain(
      'for peer in 172.25.254.132',
    );
    expect(host && inject(host, FACTS).text).toContain('for peer in 172.25.254.131');
  });

  it('put back no address that keepalived moves', () => {
    const excluded = ['10.9.9.9/32 dev ens33'];
    const given = { ...PHASE1, keepalived: { vips: VIPS, virtual_ipaddress_excluded: excluded } };

    expect(host && scriptsOf('link-down', given).inject(host, FACTS).text).toContain(
      'for vip in 172.25.254.130 10.9.9.9; do',
    );
  });

  it('of a reboot has nothing to put right', () => {
    expect(scriptsOf('reboot')).toMatchObject({ detached: true, healsItself: true });
    expect(scriptsOf('reboot').heal).toBeUndefined();
  });
});

describe('who answers for the VIP', () => {
  const [A, B] = ['02:00:00:00:00:0a', '02:00:00:00:00:0b'];
  const [check] = faultsWith(PHASE1)[0]?.afterwards ?? [];
  const ask = { converged: () => true, http: () => Promise.reject(new Error('not asked')) };

  it.each([
    ['one, heard by all that do not hold it', [{ own: A }, { heard: [A] }, { heard: [A] }], true],
    ['one, which another host knows', [{ own: A }, { neighbour: A }], true],
    ['two, heard by one', [{ own: A }, { heard: [A, B] }], false],
    ['two, each heard by another', [{ heard: [A] }, { heard: [B] }], false],
    ['one whose holder hears another', [{ own: A, heard: [B] }, { neighbour: A }], false],
    ['one that a host takes for another', [{ own: A }, { neighbour: B }, { heard: [A] }], false],
    ['nobody', [{}, {}], false],
  ] as const)('%s', async (_, states, ok) => {
    expect(await check?.judge(told(states), ask)).toMatchObject({ ok });
  });
});
