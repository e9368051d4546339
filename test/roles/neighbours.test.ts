import { expect, test } from 'vitest';
import * as v from 'valibot';
import { neighbourObservations } from '../../roles/keepalived/neighbours.ts';
import { vars } from '../../roles/keepalived/vars.ts';
import type { Query, Seen } from '../../src/core/query.ts';
import type { ClusterHost } from '../../src/core/role.ts';
import type { ArpState } from '../../src/queries/arp.ts';

const VIP = '172.25.254.130';
const OWN = { svr1: '172.25.254.131', svr2: '172.25.254.132' };
const CARD = { svr1: '02:00:00:00:00:01', svr2: '02:00:00:00:00:02' };
const STRANGER = '02:00:00:00:00:66';

type Name = keyof typeof OWN;

const hostsWith = (given: object): readonly ClusterHost[] =>
  (['svr1', 'svr2'] as const).map((name) => ({
    name,
    address: OWN[name],
    groups: [],
    vars: new Map([['keepalived', v.parse(vars, { vips: [{ address: `${VIP}/24` }], ...given })]]),
  }));

/** What a host answers of the virtual IP; of the hosts' own addresses what is so. */
function answersOf(
  name: Name,
  vip: Partial<ArpState>,
  others: Readonly<Record<string, Partial<ArpState>>>,
): Seen {
  const states: Readonly<Record<string, Partial<ArpState>>> = {
    [VIP]: vip,
    [OWN.svr1]: name === 'svr1' ? { own: CARD.svr1 } : { neighbour: CARD.svr1 },
    [OWN.svr2]: name === 'svr2' ? { own: CARD.svr2 } : { neighbour: CARD.svr2 },
    ...others,
  };
  return {
    answer: <T>({ key }: Query<T>) =>
      ({ heard: [], isAsked: false, ...states[key.replace(/^.* /, '')] }) as T,
  };
}

interface Situation {
  readonly svr1?: Partial<ArpState>;
  readonly svr2?: Partial<ArpState>;
  /** What svr2 knows of other addresses. */
  readonly others?: Readonly<Record<string, Partial<ArpState>>>;
  readonly given?: object;
}

const HOLDER = { own: CARD.svr1, isAsked: true };

function told({ svr1, svr2, others = {}, given = {} }: Situation) {
  const seen = new Map<string, Seen>([
    ...(svr1 === undefined ? [] : [['svr1', answersOf('svr1', svr1, {})] as const]),
    ...(svr2 === undefined ? [] : [['svr2', answersOf('svr2', svr2, others)] as const]),
  ]);
  const found = neighbourObservations(hostsWith(given), seen);
  return found.map(({ host = 'cluster', severity, item, found: is }) => `${severity} ${host} ${item}: ${is}`);
}

test.each<[string, Situation]>([
  ['the holder answers the other', { svr1: HOLDER, svr2: { isAsked: true, heard: [CARD.svr1] } }],
  ['the other knows the holder by heart', { svr1: HOLDER, svr2: { neighbour: CARD.svr1 } }],
  ['the hosts are not in one network', { svr1: HOLDER, svr2: {} }],
  [
    'two of ours hold it, which a check tells',
    {
      svr1: { ...HOLDER, heard: [CARD.svr2] },
      svr2: { own: CARD.svr2, isAsked: true, heard: [CARD.svr1] },
    },
  ],
  ['nobody holds it, which a check tells', { svr1: { isAsked: true }, svr2: { isAsked: true } }],
  ['the host that cannot be asked holds it', { svr2: { isAsked: true, heard: [CARD.svr1] } }],
  [
    'it may be the host that cannot be asked, whose card nobody knows',
    {
      svr2: { isAsked: true, heard: [STRANGER] },
      others: { [OWN.svr1]: {} },
    },
  ],
  [
    'the virtual router has a card of its own',
    {
      svr1: { own: '00:00:5e:00:01:3e', isAsked: true },
      svr2: { isAsked: true, heard: ['00:00:5e:00:01:3e'] },
      given: { raw_instance: ['use_vmac'] },
    },
  ],
])('nothing is told when %s', (_, situation) => {
  expect(told(situation)).toEqual([]);
});

test('a stranger that answers is told, whoever hears it', () => {
  const foreign = `degraded cluster ARP ${VIP}: ${STRANGER} answers, a card of no host of the cluster`;
  expect(told({ svr1: HOLDER, svr2: { isAsked: true, heard: [CARD.svr1, STRANGER] } })).toEqual([foreign]);
  expect(told({ svr1: { ...HOLDER, heard: [STRANGER] }, svr2: { neighbour: CARD.svr1 } })).toEqual([foreign]);
  expect(told({ svr1: { isAsked: true, heard: [STRANGER] }, svr2: { isAsked: true } })).toEqual([foreign]);
});

test('a host that cannot be asked and answers beside the holder is told by name', () => {
  expect(told({ svr2: { own: CARD.svr2, isAsked: true, heard: [CARD.svr1] } })).toEqual([
    `degraded cluster ARP ${VIP}: ${CARD.svr1} answers, a card of svr1`,
  ]);
});

test('a holder that the other host does not reach is told', () => {
  expect(told({ svr1: HOLDER, svr2: { isAsked: true } })).toEqual([
    `degraded svr2 ARP ${VIP}: nobody answers`,
  ]);
});

test('what a host knows by heart and is not so is told, of the hosts’ own addresses too', () => {
  expect(told({ svr1: HOLDER, svr2: { neighbour: CARD.svr2 } })).toEqual([
    `degraded svr2 neighbour ${VIP}: ${CARD.svr2}`,
  ]);
  const others = { [OWN.svr1]: { neighbour: STRANGER } };
  expect(told({ svr1: HOLDER, svr2: { neighbour: CARD.svr1 }, others })).toEqual([
    `degraded svr2 neighbour ${OWN.svr1}: ${STRANGER}`,
  ]);
});

test('a host that cannot ask is told for people only', () => {
  expect(told({ svr1: HOLDER, svr2: { isAsked: true, deaf: 'there is no perl' } })).toEqual([
    `notice svr2 ARP ${VIP}: could not ask: there is no perl`,
  ]);
});
