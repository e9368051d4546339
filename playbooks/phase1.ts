import { httpCheck, playbook, varsOf, type Check, type Cluster, type WatchTarget } from 'run-playbook';
import checkScript from '../roles/check-script/index.ts';
import drift from '../roles/drift/index.ts';
import drill from '../roles/drill/index.ts';
import haproxy from '../roles/haproxy/index.ts';
import keepalived from '../roles/keepalived/index.ts';
import nginx from '../roles/nginx/index.ts';

/** nginx on every host, one virtual IP in front: whoever holds it serves, and it leaves a host whose nginx does not. */
export default playbook({
  name: 'phase1',
  description: 'nginx + keepalived, active-passive, one virtual IP; on a phase2 pair it is the way back.',
  hosts: 'web',
  // HAProxy last: the virtual IP must not follow it any more when it stops.
  roles: [nginx, checkScript, keepalived, haproxy, drift, drill],
  vars: {
    nginx: { vip_follows: true },
    check_script: { checks: { check_nginx: { kind: 'http', service: 'nginx' } } },
    keepalived: { track: ['nginx'], checks: { check_nginx: {} } },
    haproxy: { state: 'stopped' },
  },
  checks: httpThroughVips,
  watch: nginxThroughVips,
});

/** nginx's health endpoint answers at every virtual IP. */
export function httpThroughVips(cluster: Cluster): readonly Check[] {
  const targets = nginxThroughVips(cluster);
  return targets.map(({ address, port, path, host }) => {
    const name = `HTTP through the VIP${targets.length > 1 ? ` ${address}` : ''}`;
    return httpCheck({ name, url: `http://${address}:${port}${path}`, host });
  });
}

/** The health endpoint answers whatever the sites do: a redirect, a login, names of their own. */
export function nginxThroughVips({ hosts: [first] }: Cluster): readonly WatchTarget[] {
  if (first === undefined) {
    return [];
  }
  const { port, health } = varsOf(nginx, first);
  return virtualAddresses(first).map((address) => ({
    address,
    port,
    path: health.path,
    host: health.server_name,
  }));
}

/** The virtual IPs, without prefix length. */
export function virtualAddresses(host: Cluster['hosts'][number]): readonly string[] {
  return varsOf(keepalived, host).vips.map(({ address }) => address.split('/')[0] ?? address);
}
