import type { ClusterHost, Objection } from 'run-playbook';
import { poolsOf, serversOf, type Context, type Server } from './cluster.ts';

/** Backends that send requests to some hosts of the playbook, and not to all. */
export function coverageObjections({ vars, cluster }: Context): readonly Objection[] {
  return Object.entries(poolsOf(vars)).flatMap(([name, pool]) => {
    const servers = serversOf(pool, cluster.hosts);
    const covered = cluster.hosts.filter((host) => servers.some((server) => reaches(server, host)));
    const left = cluster.hosts.filter((host) => !covered.includes(host)).map((host) => host.name);
    const section = Object.hasOwn(vars.backends, name) ? 'backends' : 'listen';
    // Servers elsewhere are another service, not a part of this one.
    return covered.length === 0 || left.length === 0
      ? []
      : [
          {
            rule: 'HA181',
            path: `haproxy.${section}.${name}.servers`,
            what: `no request goes to ${left.join(', ')}`,
            hint: 'leave it out, and every host of the playbook is a server; or name the host as a backup',
          },
        ];
  });
}

function reaches(server: Server, host: ClusterHost): boolean {
  const isMeant = server.fromCluster
    ? server.name === host.name
    : [host.name, host.address].includes(server.address);
  return isMeant && !server.disabled && server.weight !== 0;
}
