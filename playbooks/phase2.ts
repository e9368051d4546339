import { playbook, varsOf, type Cluster, type WatchTarget } from 'run-playbook';
import checkScript from '../roles/check-script/index.ts';
import drill from '../roles/drill/index.ts';
import haproxy from '../roles/haproxy/index.ts';
import keepalived from '../roles/keepalived/index.ts';
import nginx from '../roles/nginx/index.ts';
import { httpThroughVips, nginxThroughVips, virtualAddresses } from './phase1.ts';

/** HAProxy on every host in front of every nginx; the virtual IP follows HAProxy, and a dead nginx is HAProxy's business. */
export default playbook({
  name: 'phase2',
  description: 'HAProxy on every host, active-active: the upgrade of a phase1 pair, or from bare hosts.',
  hosts: 'web',
  // keepalived last: what it is to track must run before it looks.
  roles: [nginx, haproxy, checkScript, keepalived, drill],
  vars: {
    nginx: { vip_follows: true, proxied: true },
    check_script: {
      checks: {
        check_nginx: { kind: 'http', service: 'nginx' },
        check_haproxy: { kind: 'http', service: 'haproxy' },
      },
    },
    keepalived: { track: ['haproxy'], checks: { check_haproxy: {} } },
  },
  checks: httpThroughVips,
  watch(cluster) {
    const targets = [...nginxThroughVips(cluster), ...frontendsThroughVips(cluster)];
    return targets.filter(
      ({ address, port }, index) =>
        targets.findIndex((other) => other.address === address && other.port === port) === index,
    );
  },
  maxLost: 0,
});

/** What HAProxy's HTTP frontends answer to a request for nginx's health endpoint. */
function frontendsThroughVips({ hosts: [first] }: Cluster): readonly WatchTarget[] {
  if (first === undefined) {
    return [];
  }
  const { health } = varsOf(nginx, first);
  const vips = virtualAddresses(first);
  const sections = Object.values(varsOf(haproxy, first).frontends).filter(({ mode }) => mode !== 'tcp');
  return sections
    .flatMap(({ bind }) => bind)
    .filter(({ accept_proxy: acceptProxy }) => !acceptProxy)
    .flatMap(({ address, port, tls }) =>
      vips
        .filter((vip) => ['*', 'vip', vip].includes(address))
        .map((vip) => ({
          address: vip,
          port,
          path: health.path,
          host: health.server_name,
          ...(tls !== undefined && { tls: true }),
        })),
    );
}
