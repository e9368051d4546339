import type { ClusterHost, RoleContext } from 'run-playbook';
import type { KeepalivedVars } from '../keepalived/vars.ts';
import type { NginxVars } from '../nginx/vars.ts';
import type { Backend, backendParts, ListedServer } from './schema/backend.ts';
import type { HaproxyVars } from './vars.ts';

export type Context = RoleContext<HaproxyVars>;

/** What a section that sends requests to servers has: a backend, or a listen section. */
export type Pool = Pick<Backend, keyof typeof backendParts>;

/** One server of a backend; `fromCluster` when it is a host of the playbook. */
export type Server = ListedServer & { readonly fromCluster: boolean };

/** The servers of a backend: hosts of the cluster by name, with their nginx's port, and those that are listed. */
export function serversOf({ servers }: Pool, hosts: readonly ClusterHost[]): readonly Server[] {
  const { group, port, hosts: listed, backup } = servers;
  const members =
    group === undefined && listed !== undefined
      ? []
      : hosts.filter(({ groups }) => group === undefined || groups.includes(group));
  const derived = members.map((host): Server => ({
    name: host.name,
    address: host.address,
    port: port ?? nginxOf(host)?.port ?? 80,
    backup: false,
    disabled: false,
    raw: [],
    fromCluster: true,
  }));
  return [...derived, ...(listed ?? []).map((server) => ({ ...server, fromCluster: false }))].map(
    (server) => ({ ...server, backup: server.backup || backup.includes(server.name) }),
  );
}

/** Every section with servers by name, listen sections too. */
export function poolsOf({ backends, listen }: HaproxyVars): Readonly<Record<string, Pool>> {
  return { ...backends, ...listen };
}

/** The backend of requests for which no condition holds: as declared, or the only one there is. */
export function defaultBackend(
  frontend: HaproxyVars['frontends'][string],
  { backends }: HaproxyVars,
): string | undefined {
  const [only, ...others] = Object.keys(backends);
  return frontend.default_backend ?? (others.length === 0 ? only : undefined);
}

/** The virtual IPs of a host, without prefix length. */
export function vipsOf(host: ClusterHost): readonly string[] {
  const keepalived = host.vars.get('keepalived') as KeepalivedVars | undefined;
  return (keepalived?.vips ?? []).map(({ address }) => address.split('/')[0] ?? address);
}

/** The addresses that a bind stands for on a host. */
export function addressesOf({ address }: { readonly address: string }, host: ClusterHost): readonly string[] {
  return address === 'vip' ? vipsOf(host) : [address];
}

export function nginxOf(host: ClusterHost): NginxVars | undefined {
  return host.vars.get('nginx') as NginxVars | undefined;
}

/** Every bind of every section with where it is written. */
export function bindsOf({ frontends, listen }: HaproxyVars) {
  const sections = [
    ...Object.entries(frontends).map(([name, { bind }]) => [`frontends.${name}`, bind] as const),
    ...Object.entries(listen).map(([name, { bind }]) => [`listen.${name}`, bind] as const),
  ];
  return sections.flatMap(([section, binds]) =>
    binds.map((bind, index) => ({ path: `haproxy.${section}.bind.${index}`, section, bind })),
  );
}
