import { playbook, varsOf, type Cluster, type WatchTarget } from 'run-playbook';
import checkScript from '../roles/check-script/index.ts';
import drift from '../roles/drift/index.ts';
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
  roles: [nginx, haproxy, checkScript, keepalived, drift, drill],
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

/** What HAProxy answers to a request for nginx's health endpoint, wherever it speaks HTTP on a virtual IP. */
function frontendsThroughVips({ hosts: [first] }: Cluster): readonly WatchTarget[] {
  if (first === undefined) {
    return [];
  }
  const { health } = varsOf(nginx, first);
  const { config, defaults, frontends, listen } = varsOf(haproxy, first);
  if (config !== undefined) {
    // Where a configuration of the user's own listens is not declared anywhere.
    return [];
  }
  const vips = virtualAddresses(first);
  return [...Object.values(frontends), ...Object.values(listen)]
    .filter(({ mode = defaults.mode }) => mode === 'http')
    .flatMap(({ bind }) => bind)
    .filter(({ accept_proxy: acceptProxy }) => !acceptProxy)
    .flatMap((bind) =>
      vips
        .filter((vip) => isReached(bind, vip))
        .map((vip) => ({
          address: vip,
          port: bind.port,
          path: health.path,
          host: health.server_name,
          ...(bind.tls !== undefined && { tls: true }),
        })),
    );
}

interface Listener {
  readonly address: string;
  readonly raw: readonly string[];
}

/** Whether a listener takes what is sent to a virtual IP; `[::]` takes IPv4 too, unless it is told not to. */
function isReached({ address, raw }: Listener, vip: string): boolean {
  return (
    ['*', 'vip', vip].includes(address) ||
    (address === '[::]' && !raw.some((words) => /\bv6only\b/.test(words)))
  );
}
