import { outputOf, sh, template, type ClusterHost, type Output, type Query } from 'run-playbook';
import { sourceOf } from './agreement.ts';
import { withoutPrefix } from './configuration.ts';
import type { KeepalivedVars } from './vars.ts';

/** What one host heard on the network. */
export interface Segment {
  /** MAC by name of interface. */
  readonly interfaces: ReadonlyMap<string, string>;
  /** Whoever said that an address is its own. */
  readonly owners: readonly { readonly address: string; readonly mac: string }[];
  readonly adverts: readonly Advert[];
  /** Why nothing, or not everything, was heard. */
  readonly deaf: readonly string[];
}

export interface Advert {
  readonly from: string;
  readonly virtual_router_id: number;
  readonly addresses: readonly string[];
}

const program = template<object>(import.meta.url, 'segment.pl.ejs');

/** Asks the network of a host for 1.2 s who has the virtual IPs, and who sends adverts. */
export function segmentOf(host: ClusterHost, hosts: readonly ClusterHost[]): Query<Output> {
  const { vips } = host.vars.get('keepalived') as KeepalivedVars;
  const interfaces = [...new Set(vips.map((vip) => vip.interface))];
  const jobs = interfaces.map((name) => {
    const own = vips.filter((vip) => vip.interface === name).map(({ address }) => withoutPrefix(address));
    // The hosts' own addresses too: the card of one that cannot be asked is known by them.
    const theirs = hosts.filter((other) => other !== host).map(sourceOf);
    return [name, ...new Set([...own, ...theirs])].join(',');
  });
  return outputOf(sh`command -v perl >/dev/null || { echo 'deaf there is no perl'; exit; }
perl -e ${program({})} -- ${sourceOf(host)} ${jobs}`);
}

export function readSegment({ stdout, exit }: Output): Segment {
  const lines = stdout.split('\n').map((line) => line.split(' '));
  const heard = (kind: string) =>
    lines.flatMap(([word, , what, ...rest]) => (word === 'heard' && what === kind ? [rest] : []));
  const deaf = lines.flatMap(([word, ...rest]) => (word === 'deaf' ? [rest.join(' ')] : []));
  return {
    interfaces: new Map(
      lines.flatMap(([word, name = '', mac = '']) => (word === 'interface' ? [[name, mac] as const] : [])),
    ),
    owners: heard('arp').map(([address = '', mac = '']) => ({ address, mac })),
    adverts: heard('vrrp').map(([from = '', id, addresses = '']) => ({
      from,
      virtual_router_id: Number(id),
      addresses: addresses.split(',').filter(Boolean),
    })),
    deaf: [...deaf, ...(exit === 0 ? [] : [`perl ended with exit code ${exit}`])],
  };
}
