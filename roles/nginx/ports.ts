import {
  excludeEachOther,
  tcpListeners,
  sh,
  type ClusterHost,
  type Resource,
  type Socket,
} from 'run-playbook';
import { wantedSockets } from './sockets.ts';
import type { NginxVars } from './vars.ts';

/** What stops HAProxy when it changes; the haproxy role starts it again in its turn, if it is to run. */
export const PORTS_OF_NGINX = 'task ports of nginx';

/**
 * Stops HAProxy where it listens in nginx's way, as it does after it had the port of a virtual IP: whatever it is
 * to listen on from now on, nginx's turn comes first. The virtual IP leaves before it, by HAProxy's own unit.
 */
export function freePorts(vars: NginxVars, host: ClusterHost): readonly Resource[] {
  const roles = [...host.vars.keys()];
  const isFirst = roles.indexOf('nginx') < roles.indexOf('haproxy');
  return isFirst ? [portsOfNginx(wantedSockets(vars, host))] : [];
}

function portsOfNginx(wanted: readonly Socket[]): Resource {
  return {
    id: PORTS_OF_NGINX,
    kind: 'task',
    // Whoever changes HAProxy alone needs it as well.
    tags: ['haproxy'],
    needs: [],
    reads: { listeners: tcpListeners },
    plan(seen) {
      const inTheWay = seen
        .answer(tcpListeners)
        .filter(({ processes }) => processes.some(({ name }) => name === 'haproxy'))
        .filter((listener) => wanted.some((socket) => excludeEachOther(listener, socket)))
        .map(({ address, port }) => `${address.includes(':') ? `[${address}]` : address}:${port}`);
      if (inTheWay.length === 0) {
        return { is: 'ok' };
      }
      const sockets = [...new Set(inTheWay)].toSorted().join(' and ');
      return {
        is: 'change',
        change: {
          summary: `haproxy stops: it listens on ${sockets}, and nginx is to`,
          timeoutMs: STOP_TIMEOUT_MS,
          apply: sh`systemctl stop haproxy`,
          undo: sh`systemctl start haproxy`,
        },
      };
    },
  };
}

/** systemd's own limit for a stop is 90 s. */
const STOP_TIMEOUT_MS = 2 * 60_000;
