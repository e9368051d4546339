import { excludeEachOther, tcpListeners, type Cluster, type Survey } from 'run-playbook';
import { wantedSockets } from './sockets.ts';
import type { NginxVars } from './vars.ts';

/** They hand ports over to each other within one run. */
const OURS = ['nginx', 'haproxy'];

/** Whether somebody else listens where nginx is to. */
export function survey({ hosts }: Cluster): Survey {
  return {
    reads: () => ({ listeners: tcpListeners }),
    judge: (seen) =>
      hosts.flatMap((host) => {
        const vars = host.vars.get('nginx') as NginxVars;
        const listeners = seen.get(host.name)?.answer(tcpListeners) ?? [];
        const foreign = listeners.filter(
          ({ processes }) => !processes.some(({ name }) => OURS.includes(name)),
        );
        return wantedSockets(vars, host).flatMap(({ path, ...wanted }) => {
          const taken = foreign.find((listener) => excludeEachOther(listener, wanted));
          const [process] = taken?.processes ?? [];
          const by =
            process === undefined ? 'no process that ss names' : `${process.name} (pid ${process.pid})`;
          return taken === undefined
            ? []
            : [
                {
                  rule: 'HA161',
                  host: host.name,
                  path,
                  what: `port ${wanted.port} is taken: ${by} listens on ${taken.address}:${taken.port}`,
                  hint:
                    process === undefined
                      ? `see on ${host.name}: ss -Htlnp sport = :${wanted.port}`
                      : `see on ${host.name} whose it is: systemctl status ${process.pid}`,
                },
              ];
        });
      }),
  };
}
