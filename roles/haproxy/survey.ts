import {
  excludeEachOther,
  outputOf,
  sh,
  tcpListeners,
  type ClusterHost,
  type Cluster,
  type Objection,
  type Seen,
  type Survey,
} from 'run-playbook';
import { atKernel, wantedSockets } from './sockets.ts';
import type { HaproxyVars } from './vars.ts';

type Found = Objection & { readonly host: string };

/** They hand ports over to each other within one run. */
const OURS = ['nginx', 'haproxy'];

/** Besides two for each connection; 2.6.12 with one frontend and seven sockets takes 40. */
const FILES_OF_ITS_OWN = 40;

/**
 * What HAProxy has, or - where it does not run; then what one that starts gets no more of than: the unit's limit, the
 * kernel's, and that of PID 1, whose child it is.
 */
const fileLimits = outputOf(sh`hard() {
  sed -n 's/^Max open files *[^ ]* *\\([^ ]*\\).*/\\1/p' "/proc/$1/limits" 2>/dev/null || echo -
}
hard "$(systemctl show -P MainPID haproxy.service)"
systemctl show -P LimitNOFILE haproxy.service
cat /proc/sys/fs/nr_open
hard 1`);

/** Whether somebody else listens where HAProxy is to, and whether it can have the files that it wants. */
export function survey({ hosts }: Cluster): Survey {
  const running = hosts.filter((host) => varsOn(host).state === 'running');
  return {
    reads: (host): ReturnType<Survey['reads']> =>
      running.includes(host) ? { listeners: tcpListeners, file_limits: fileLimits } : {},
    judge: (seen) =>
      running.flatMap((host) => {
        const answers = seen.get(host.name);
        return answers === undefined ? [] : [...takenPorts(host, answers), ...tooFewFiles(host, answers)];
      }),
  };
}

function takenPorts(host: ClusterHost, seen: Seen): readonly Found[] {
  const listeners = seen.answer(tcpListeners);
  const foreign = listeners.filter(({ processes }) => !processes.some(({ name }) => OURS.includes(name)));
  return wantedSockets({ vars: varsOn(host), host }).flatMap(({ path, ...socket }) => {
    const { port } = socket;
    const wanted = atKernel(socket);
    const taken = foreign.find((listener) => excludeEachOther(listener, wanted));
    const [process] = taken?.processes ?? [];
    const by = process === undefined ? 'no process that ss names' : `${process.name} (pid ${process.pid})`;
    return taken === undefined
      ? []
      : [
          {
            rule: 'HA171',
            host: host.name,
            path,
            what: `port ${port} is taken: ${by} listens on ${taken.address}:${taken.port}`,
            hint:
              process === undefined
                ? `see on ${host.name}: ss -Htlnp sport = :${port}`
                : `see on ${host.name} whose it is: systemctl status ${process.pid}`,
          },
        ];
  });
}

function tooFewFiles(host: ClusterHost, seen: Seen): readonly Found[] {
  const { config, global, systemd } = varsOn(host);
  const [ofProcess = '-', ofUnit = '', ...others] = seen.answer(fileLimits).stdout.trim().split('\n');
  const atStart = Math.min(...[limitIn(systemd) ?? ofUnit, ...others].map(filesOf));
  // A process keeps what it was started with, whatever its unit says since.
  const limit = ofProcess === '-' ? atStart : filesOf(ofProcess);
  const wanted = 2 * global.maxconn + FILES_OF_ITS_OWN;
  return config !== undefined || wanted <= limit
    ? []
    : [
        {
          rule: 'HA183',
          host: host.name,
          path: 'haproxy.global.maxconn',
          what: `is ${global.maxconn}, which takes ${wanted} files, and HAProxy gets ${limit} on ${host.name}`,
          hint:
            wanted <= atStart
              ? `the limit of ${atStart} takes effect at the next restart: systemctl restart haproxy, the standby first`
              : `raise the limit, or set haproxy.global.maxconn: ${Math.max(1, Math.floor((limit - 100) / 2))}`,
        },
      ];
}

/** What the unit's drop-in will say, `LimitNOFILE=soft:hard` or one for both. */
function limitIn(systemd: readonly string[]): string | undefined {
  const limits = systemd.flatMap((line) => /^\s*LimitNOFILE\s*=\s*(?:\d+:)?(\S+)\s*$/.exec(line)?.[1] ?? []);
  return limits.at(-1);
}

/** A limit that is not told, or infinite, is none. */
function filesOf(limit: string): number {
  return /^\d+$/.test(limit) ? Number(limit) : Number.POSITIVE_INFINITY;
}

function varsOn(host: ClusterHost): HaproxyVars {
  return host.vars.get('haproxy') as HaproxyVars;
}
