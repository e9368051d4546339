import type { Cluster, ClusterHost } from 'run-playbook';
import type { KeepalivedVars } from '../keepalived/vars.ts';

/** The network that the hosts share. */
export interface Segment {
  /** Without prefix length. */
  readonly vips: readonly string[];
  /** Everything that keepalived moves, the virtual IPs included. */
  readonly moving: readonly string[];
  /** What the host's keepalived sends from. */
  addressOf(host: ClusterHost): string;
  /** What its peers send from. */
  peersOf(host: ClusterHost): readonly string[];
}

export function segmentOf({ hosts }: Cluster): Segment {
  const each = hosts.flatMap((host) => keepalivedOf(host) ?? []);
  const vips = each.flatMap((vars) => vars.vips.map((vip) => addressIn(vip.address)));
  const others = each.flatMap((vars) => vars.virtual_ipaddress_excluded.map(addressIn));
  return {
    vips: [...new Set(vips)],
    moving: [...new Set([...vips, ...others])],
    addressOf,
    peersOf: (host) => hosts.filter((other) => other.name !== host.name).map(addressOf),
  };
}

export function keepalivedOf(host: ClusterHost | undefined): KeepalivedVars | undefined {
  return host?.vars.get('keepalived') as KeepalivedVars | undefined;
}

/**
 * Names of the hosts, the one of the highest VRRP priority last.
 *
 * It announces the virtual IPs once more when it hears that another host had taken them too. Heard by the others before
 * it hears them, it would never learn that: they give up at its first advert (measured: clients kept the wrong host for
 * 4.6 s, until keepalived's next garp_master_refresh).
 */
export function byPriority({ hosts }: Cluster): readonly string[] {
  const priority = new Map(
    hosts.map((host, index) => [host.name, keepalivedOf(host)?.priority ?? 254 - index]),
  );
  return hosts.map(({ name }) => name).toSorted((a, b) => (priority.get(a) ?? 0) - (priority.get(b) ?? 0));
}

function addressOf(host: ClusterHost): string {
  return keepalivedOf(host)?.source_address ?? host.address;
}

/** `10.0.0.1` of `10.0.0.1/32 dev eth0`. */
function addressIn(line: string): string {
  return line.split(/[/\s]/)[0] ?? line;
}
