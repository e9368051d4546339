import {
  factsFrom,
  hostFacts,
  type Cluster,
  type ClusterHost,
  type Facts,
  type Objection,
  type Seen,
  type Survey,
} from 'run-playbook';
import { sourceOf } from './agreement.ts';
import { withoutPrefix } from './configuration.ts';
import { isInNetwork } from './network.ts';
import { readSegment, segmentOf, type Advert, type Segment } from './segment.ts';
import type { KeepalivedVars } from './vars.ts';
import { virtualMac } from './virtual-mac.ts';

type Found = Objection & { readonly host: string };
type Vip = KeepalivedVars['vips'][number];

interface Listening {
  readonly host: ClusterHost;
  readonly vars: KeepalivedVars;
  readonly facts: Facts;
  readonly segment: Segment;
}

/** What the network of the hosts says against their virtual IPs. */
export function survey({ hosts }: Cluster): Survey {
  return {
    reads: (host) => ({ facts: hostFacts, segment: segmentOf(host, hosts) }),
    judge(seen) {
      const asked = hosts.flatMap((host) => listening(host, hosts, seen.get(host.name)));
      return [
        ...asked.flatMap(missingInterfaces),
        ...asked.flatMap(outsideNetwork),
        ...foreignAdverts(asked, hosts),
        ...foreignOwners(asked, hosts),
        ...asked.flatMap(unheard),
      ];
    },
  };
}

function listening(
  host: ClusterHost,
  hosts: readonly ClusterHost[],
  seen: Seen | undefined,
): readonly Listening[] {
  return seen === undefined
    ? []
    : [
        {
          host,
          vars: host.vars.get('keepalived') as KeepalivedVars,
          facts: factsFrom(seen),
          segment: readSegment(seen.answer(segmentOf(host, hosts))),
        },
      ];
}

function missingInterfaces({ host, vars, facts, segment }: Listening): readonly Found[] {
  const names = [...new Set([...segment.interfaces.keys(), ...facts.interfaces.map(({ name }) => name)])];
  const said = facts.interfaces.map(({ name, addresses }) => `${name} ${addresses.join(' ')}`).join(', ');
  const source = sourceOf(host);
  const isCarried = facts.interfaces.some(({ addresses }) => addresses.map(withoutPrefix).includes(source));
  return [
    ...vars.vips.flatMap(({ interface: name }, index) =>
      name === 'auto' || names.includes(name)
        ? []
        : [
            {
              rule: 'HA144',
              host: host.name,
              path: `keepalived.vips.${index}.interface`,
              what: `is ${name}, and ${host.name} has ${names.join(', ')}`,
              hint: 'leave it out, and it is the interface with the host’s own address',
            },
          ],
    ),
    ...(isCarried
      ? []
      : [
          {
            rule: 'HA144',
            host: host.name,
            path: 'keepalived.source_address',
            what: `is ${source}, which no interface of ${host.name} has: ${said}`,
            hint: 'set it to the address of the interface that faces the other host',
          },
        ]),
  ];
}

function outsideNetwork({ host, vars, facts }: Listening): readonly Found[] {
  return vars.vips.flatMap((vip, index) => {
    const used = withoutPrefix(vip.address) === sourceOf(host) ? undefined : interfaceOf(vip, host, facts);
    const networks =
      used?.addresses.filter(
        (own) => own.includes('.') && withoutPrefix(own) !== withoutPrefix(vip.address),
      ) ?? [];
    return used === undefined || networks.some((network) => isInNetwork(withoutPrefix(vip.address), network))
      ? []
      : [
          {
            rule: 'HA143',
            host: host.name,
            path: `keepalived.vips.${index}.address`,
            what: `is ${vip.address}, and ${used.name} of ${host.name} has ${networks.join(', ') || 'no network'}`,
            hint: 'correct the address or the interface; right only where a router sends the address here',
          },
        ];
  });
}

function interfaceOf(
  vip: Vip,
  host: ClusterHost,
  { interfaces }: Facts,
): Facts['interfaces'][number] | undefined {
  return vip.interface === 'auto'
    ? interfaces.find(({ addresses }) => addresses.map(withoutPrefix).includes(sourceOf(host)))
    : interfaces.find(({ name }) => name === vip.interface);
}

/** Senders that are no host of the cluster; told once, by the first host that heard them. */
function foreignAdverts(asked: readonly Listening[], hosts: readonly ClusterHost[]): readonly Found[] {
  const own = [
    ...hosts.map(sourceOf),
    ...hosts.map(({ address }) => address),
    ...asked.flatMap(({ facts }) =>
      facts.interfaces.flatMap(({ addresses }) => addresses.map(withoutPrefix)),
    ),
  ];
  const found = asked.flatMap((one) =>
    one.vars.vips.flatMap((vip, index) =>
      one.segment.adverts
        .filter((advert) => advert.virtual_router_id === vip.virtual_router_id && !own.includes(advert.from))
        .map((advert) => foreignAdvert(one, { vip, index }, advert)),
    ),
  );
  return firstOfEach(found, ({ path, what }) => `${path} ${what}`);
}

function foreignAdvert(
  { host, vars }: Listening,
  { vip, index }: { readonly vip: Vip; readonly index: number },
  { from, addresses }: Advert,
): Found {
  const isHeard = !vars.unicast || addresses.includes(withoutPrefix(vip.address));
  return {
    rule: isHeard ? 'HA141' : 'HA146',
    host: host.name,
    path: `keepalived.vips.${index}.virtual_router_id`,
    what: `is ${vip.virtual_router_id}, which ${from} uses as well, for ${addresses.join(', ') || 'no address'}`,
    hint: `stop keepalived on ${from} if it should not be there, or take another id`,
  };
}

/** Cards that answer for a virtual IP and are no host's; told once, by the first host that heard them. */
function foreignOwners(asked: readonly Listening[], hosts: readonly ClusterHost[]): readonly Found[] {
  const known = new Set([
    ...asked.flatMap(({ segment }) => [...segment.interfaces.values()]),
    ...asked.flatMap(({ segment }) => absentHosts(asked, hosts).flatMap((host) => cardsOf(host, segment))),
  ]);
  const found = asked.flatMap(({ host, vars, segment }) =>
    vars.vips.flatMap((vip, index) => {
      const virtual = virtualMac(vars, vip);
      const foreign = segment.owners.filter(
        ({ address, mac }) => address === withoutPrefix(vip.address) && !known.has(mac) && mac !== virtual,
      );
      return foreign.map(({ mac }): Found => ({
        rule: 'HA142',
        host: host.name,
        path: `keepalived.vips.${index}.address`,
        what: `is ${vip.address}, and ${mac} answers for it, a card of none of ${hosts.map(({ name }) => name).join(', ')}`,
        hint: `find that card (on ${host.name}: ip neigh; in the switches' tables), or take a free address`,
      }));
    }),
  );
  return firstOfEach(found, ({ path, what }) => `${path} ${what}`);
}

/** Hosts that could not be asked for their cards. */
function absentHosts(asked: readonly Listening[], hosts: readonly ClusterHost[]): readonly ClusterHost[] {
  return hosts.filter((host) => asked.every((one) => one.host.name !== host.name));
}

function cardsOf(host: ClusterHost, { owners }: Segment): readonly string[] {
  return owners.filter(({ address }) => address === sourceOf(host)).map(({ mac }) => mac);
}

function unheard({ host, segment }: Listening): readonly Found[] {
  return segment.deaf.length === 0
    ? []
    : [
        {
          rule: 'HA145',
          host: host.name,
          path: 'keepalived.vips',
          what: `the network of ${host.name} could not be looked at: ${segment.deaf.join('; ')}`,
        },
      ];
}

function firstOfEach<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  const keys = items.map(key);
  return items.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
}
