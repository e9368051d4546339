import {
  arpAnswers,
  arpTable,
  type ArpState,
  type ClusterHost,
  type Observation,
  type Query,
  type Seen,
} from 'run-playbook';
import { sourceOf } from './agreement.ts';
import { withoutPrefix } from './configuration.ts';
import type { KeepalivedVars } from './vars.ts';
import { virtualMac } from './virtual-mac.ts';

type About = Omit<Observation, 'class'>;

/** An address, and what each host that was asked knows of whose it is. */
interface Address {
  readonly address: string;
  readonly states: readonly (readonly [host: string, state: ArpState])[];
  /** Hosts that have it. */
  readonly owners: readonly string[];
  /** Cards that may answer for it. */
  readonly rightful: readonly string[];
}

interface Site {
  readonly hosts: readonly ClusterHost[];
  /** Names of the hosts that could be asked. */
  readonly asked: ReadonlySet<string>;
  /** Names of hosts by the MACs of their cards, as far as anybody knows. */
  readonly cards: ReadonlyMap<string, string>;
}

/** Who answers for the virtual IPs, and who each host takes the others for. */
export function neighbourReads(hosts: readonly ClusterHost[]): Readonly<Record<string, Query<ArpState>>> {
  return Object.fromEntries([
    ...vipsOf(hosts).map(({ address }) => [address, arpAnswers(withoutPrefix(address))] as const),
    ...hosts.map(sourceOf).map((address) => [address, arpTable(address)] as const),
  ]);
}

/** Addresses by which somebody else is reached than the host that has them. */
export function neighbourObservations(
  hosts: readonly ClusterHost[],
  seen: ReadonlyMap<string, Seen>,
): readonly Observation[] {
  const own = hosts.map((host) => addressOf(sourceOf(host), arpTable(sourceOf(host)), seen));
  const virtual = vipsOf(hosts).map((vip) => {
    const address = withoutPrefix(vip.address);
    const mac = hosts.flatMap((host) => virtualMac(varsOn(host), vip) ?? [])[0];
    const known = addressOf(address, arpAnswers(address), seen);
    return mac === undefined ? known : { ...known, rightful: [...known.rightful, mac] };
  });
  const site: Site = {
    hosts,
    asked: new Set(seen.keys()),
    cards: new Map(hosts.flatMap((host, index) => cardsOf(host, own[index]).map((mac) => [mac, host.name]))),
  };
  const found = [
    ...virtual.flatMap((one) => [...strangers(one, site), ...silences(one), ...deafness(one)]),
    ...[...virtual, ...own].flatMap(staleEntries),
  ];
  const because = hosts.map(({ name }) => name);
  return found.map((observation) => ({ ...observation, class: 'network' as const, because }));
}

function addressOf(address: string, query: Query<ArpState>, seen: ReadonlyMap<string, Seen>): Address {
  const states = [...seen].map(([host, answers]) => [host, answers.answer(query)] as const);
  const owners = states.filter(([, { own }]) => own !== undefined);
  return {
    address,
    states,
    owners: owners.map(([host]) => host),
    rightful: owners.flatMap(([, { own }]) => own ?? []),
  };
}

/** The card of a host, as it says itself, else as the others know it. */
function cardsOf({ name }: ClusterHost, own: Address | undefined): readonly string[] {
  return (own?.states ?? []).flatMap(([host, state]) =>
    own?.owners.includes(name) === true ? (host === name ? (state.own ?? []) : []) : (state.neighbour ?? []),
  );
}

/** Cards that answer beside the holder's. That two of our hosts hold a virtual IP is told by a check. */
function strangers({ address, states, owners, rightful }: Address, site: Site): readonly About[] {
  const heard = new Set(states.flatMap(([, state]) => state.heard));
  const foreign = [...heard].filter((mac) => !rightful.includes(mac) && !mayHold(mac, owners, site));
  const found = foreign.map(
    (mac) => `${mac} answers, a card of ${site.cards.get(mac) ?? 'no host of the cluster'}`,
  );
  return foreign.length === 0
    ? []
    : [
        {
          item: `ARP ${address}`,
          severity: 'degraded',
          expected:
            rightful.length === 0
              ? 'nobody answers'
              : `only ${rightful.join(' and ')} (${owners.join(', ')})`,
          found: found.join('; '),
          hint: 'clients reach now this card, now that one: find it (ip neigh; in the switches’ tables) and take the address away there',
        },
      ];
}

/** Nobody that could be asked holds it, and this may be the card of a host that could not. */
function mayHold(mac: string, owners: readonly string[], { hosts, asked, cards }: Site): boolean {
  const host = cards.get(mac);
  const isAbsent = host === undefined ? hosts.some(({ name }) => !asked.has(name)) : !asked.has(host);
  return owners.length === 0 && isAbsent;
}

/** One host holds it, and another one that asked heard nothing of it. */
function silences({ address, states, owners, rightful }: Address): readonly About[] {
  const [owner, ...others] = owners;
  return owner === undefined || others.length > 0
    ? []
    : states
        .filter(
          ([, { isAsked, deaf, own, heard }]) =>
            isAsked && deaf === undefined && own === undefined && heard.length === 0,
        )
        .map(([host]) => ({
          host,
          item: `ARP ${address}`,
          severity: 'degraded',
          expected: `${rightful.join(' or ')} (${owner}) answers`,
          found: 'nobody answers',
          hint: `${owner} holds it, and ${host} does not reach it: are they in the same network?`,
        }));
}

function deafness({ address, states }: Address): readonly About[] {
  return states.flatMap(([host, { deaf }]) =>
    deaf === undefined
      ? []
      : [
          {
            host,
            item: `ARP ${address}`,
            severity: 'notice' as const,
            expected: 'asked who answers',
            found: `could not ask: ${deaf}`,
          },
        ],
  );
}

/** What a host knows by heart and is not so: what it sends there goes elsewhere. */
function staleEntries({ address, states, owners, rightful }: Address): readonly About[] {
  return states.flatMap(([host, { neighbour }]) =>
    neighbour === undefined || owners.length === 0 || rightful.includes(neighbour)
      ? []
      : [
          {
            host,
            item: `neighbour ${address}`,
            severity: 'degraded' as const,
            expected: `${rightful.join(' or ')} (${owners.join(', ')})`,
            found: neighbour,
            hint: `what ${host} sends there goes elsewhere: ip neigh del ${address} dev … on ${host}`,
          },
        ],
  );
}

/** The same on all hosts. */
function vipsOf([host]: readonly ClusterHost[]): KeepalivedVars['vips'] {
  return host === undefined ? [] : varsOn(host).vips;
}

function varsOn(host: ClusterHost): KeepalivedVars {
  return host.vars.get('keepalived') as KeepalivedVars;
}
