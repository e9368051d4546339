import { describe, expect, it } from 'vitest';
import { holdersIn, journey, nextHost, roleOf } from '../../src/drill/vips.ts';

const ONE = new Map([['192.0.2.9', 'svr1']]);
const TWO = new Map([
  ['192.0.2.8', 'svr1'],
  ['192.0.2.9', 'svr2'],
]);

function seen(vip: string, ...hosts: readonly string[]) {
  return new Map([[vip, new Set(hosts)]]);
}

describe('who holds the virtual IPs', () => {
  it('is what the checks found', () => {
    const checks = [
      { check: 'a', judgement: { ok: true, detail: '', values: { vip: '192.0.2.9', vipHolder: 'svr1' } } },
      { check: 'b', judgement: { ok: true, detail: '', values: { svr1: 2 } } },
      { check: 'c', judgement: { ok: false, detail: 'held by no host' } },
    ];

    expect(holdersIn(checks)).toEqual(ONE);
  });

  it.each([
    ['svr1', ONE, 'holder'],
    ['svr2', ONE, 'standby'],
    ['svr2', TWO, 'holder'],
  ] as const)('makes %s of %j the %s', (host, holders, role) => {
    expect(roleOf(host, holders)).toBe(role);
  });
});

describe('the next host', () => {
  it.each([
    [['svr1', 'svr2'], ONE, 'svr1'],
    [['svr2', 'svr3'], ONE, 'svr2'],
    [['svr2', 'svr1'], ONE, 'svr1'],
    [[], ONE, undefined],
  ] as const)('of %j is one that holds, else the first', (left, holders, expected) => {
    expect(nextHost(left, holders)).toBe(expected);
  });
});

describe('where the virtual IPs went', () => {
  it.each([
    ['stays', ONE, ONE, new Map()],
    ['to svr2', ONE, new Map([['192.0.2.9', 'svr2']]), new Map()],
    ['to svr2 and back', ONE, ONE, seen('192.0.2.9', 'svr2')],
    ['held by no single host', ONE, new Map(), new Map()],
    ['stays', TWO, TWO, seen('192.0.2.9', 'svr2')],
    [
      '192.0.2.8 to svr2, 192.0.2.9 stays',
      TWO,
      new Map([
        ['192.0.2.8', 'svr2'],
        ['192.0.2.9', 'svr2'],
      ]),
      seen('192.0.2.8', 'svr2'),
    ],
  ] as const)('%s', (expected, before, after, meanwhile) => {
    expect(journey(before, after, meanwhile)).toBe(expected);
  });
});
