import { sh, type ClusterHost, type Script, type Socket } from 'run-playbook';
import type { HaproxyVars } from '../haproxy/vars.ts';
import type { NginxVars } from './vars.ts';

/** The addresses that requests of the cluster's own HAProxys come from. */
export function proxies({ proxied }: NginxVars, hosts: readonly ClusterHost[]): readonly string[] {
  return proxied ? hosts.map(({ address }) => address) : [];
}

/**
 * Where nginx listens for a port: everywhere, or on the host's own addresses when HAProxy has the port on a
 * virtual one.
 */
export function listenAt(port: number, vars: NginxVars, host: ClusterHost): readonly (string | number)[] {
  return vars.proxied && isShared(port, host) ? [`${host.address}:${port}`, `127.0.0.1:${port}`] : [port];
}

/**
 * Exits 0 when a listener of nginx stands in the way of one that is wanted: it accepts the reload, fails to bind,
 * and goes on as before (1.22.1).
 */
export function needsRestart(wanted: readonly Socket[]): Script {
  const sockets = wanted.filter(({ address }) => !address.includes(':'));
  const everywhere = sockets.filter(({ address }) => address === '0.0.0.0').map(({ port }) => port);
  const single = sockets
    .filter(({ port }) => !everywhere.includes(port))
    .map(({ address, port }) => `${address}:${port}`);
  return sh`listeners=$(ss -Hltnp | grep '"nginx"' | awk '{ print $4 }' | grep -v '^\\[' | sed 's/^0\\.0\\.0\\.0:/*:/')
for port in ${everywhere}; do
  printf '%s\\n' "$listeners" | grep -v -xF -e "*:$port" | grep -q ":$port\$" && exit 0
done
for socket in ${single}; do
  printf '%s\\n' "$listeners" | grep -q -xF -e "*:\${socket##*:}" && exit 0
done
exit 1`;
}

/**
 * Restarts nginx, the virtual IP handed over before: behind HAProxy keepalived does not follow nginx, and yet
 * nobody else answers on nginx's own port while it restarts. However it ends, a HAProxy that runs may hold the
 * virtual IP afterwards; of one that does not, the file says so already.
 */
export function restartBehindProxy(): Script {
  return sh`track=/run/ha-track/haproxy
[ "$(cat "$track" 2>/dev/null)" = 0 ] || exec systemctl restart nginx
trap 'if systemctl is-active -q haproxy; then echo 0 >"$track"; fi' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
echo 1 >"$track"
sleep 0.5
systemctl restart nginx`;
}

/** Whether HAProxy has the port on an address that is not the host's own. */
function isShared(port: number, host: ClusterHost): boolean {
  const proxy = host.vars.get('haproxy') as HaproxyVars | undefined;
  const sections = [...Object.values(proxy?.frontends ?? {}), ...Object.values(proxy?.listen ?? {})];
  return sections
    .flatMap(({ bind }) => bind)
    .some((bind) => bind.port === port && !['*', '[::]', '127.0.0.1', host.address].includes(bind.address));
}
