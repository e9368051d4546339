import {
  certificateAt,
  haproxyState,
  listenerObservations,
  outputOf,
  tcpListeners,
  type Cluster,
  type ClusterHost,
  type Inspection,
  type Observation,
  type Query,
  type Seen,
} from 'run-playbook';
import { socketOn } from './admin-socket.ts';
import { poolsOf } from './cluster.ts';
import { certificateObservations, declaredPaths } from './inspect-certificates.ts';
import { runTimeObservations } from './inspect-run-time.ts';
import { generations } from './live.ts';
import { certificatesOn, offersTls } from './loaded-certificates.ts';
import { atKernel, wantedSockets } from './sockets.ts';
import type { HaproxyVars } from './vars.ts';

/** How a HAProxy that runs differs from its configuration: by hand, on its admin socket, or because it did not load it. */
export function inspect({ hosts }: Cluster): Inspection {
  const running = hosts.filter((host) => varsOn(host).state === 'running');
  return {
    reads: (host): Readonly<Record<string, Query<unknown>>> =>
      running.includes(host)
        ? {
            listeners: tcpListeners,
            haproxy: haproxyState,
            generations: outputOf(generations(varsOn(host))),
            ...(offersTls(host) && { certificates: certificatesOn(socketOn(host)) }),
            ...Object.fromEntries(declaredPaths(host).map((path) => [path, certificateAt(path)])),
          }
        : {},
    judge: (seen) =>
      running.flatMap((host) => {
        const answers = seen.get(host.name);
        return answers === undefined ? [] : observationsOf(host, answers, { hosts });
      }),
  };
}

function observationsOf(host: ClusterHost, seen: Seen, cluster: Cluster): readonly Observation[] {
  return [
    ...listenerObservations(listeningOf(host), seen.answer(tcpListeners)),
    ...notLoaded(host, seen),
    ...runTimeObservations(host, seen, cluster),
    ...(offersTls(host) ? certificateObservations(host, seen) : []),
  ];
}

/** What a raw line opens is not known; then what it listens on besides cannot be judged. */
function listeningOf(host: ClusterHost) {
  const vars = varsOn(host);
  const sections = [...Object.values(vars.frontends), ...Object.values(vars.listen)];
  const raw = [vars.global.raw, vars.defaults.raw, ...sections.map((section) => section.raw)].flat();
  const isKnown =
    vars.config === undefined &&
    vars.global.stats_sockets.every((line) => line.startsWith('/')) &&
    !raw.some((line) => /^\s*(bind|stats\s+socket|dgram-bind|[\w-]+\s+[\w-]*bind)\b/.test(line));
  const wantsPeers = Object.values(poolsOf(vars)).some(({ stick_table }) => stick_table?.peers === true);
  return {
    host: host.name,
    program: 'haproxy',
    wanted: wantedSockets({ vars, host }).map(atKernel),
    besides: isKnown ? (wantsPeers ? [{ address: host.address, port: vars.peers.port }] : []) : undefined,
  };
}

/** A file that was put back as it was looks untouched, and the process may have loaded what stood there in between. */
function notLoaded(host: ClusterHost, seen: Seen): readonly Observation[] {
  const { stdout } = seen.answer(outputOf(generations(varsOn(host))));
  const [onDisk = '', told = ''] = stdout.split('\n');
  const loaded = told.split(' ')[0] ?? '';
  return onDisk === '' || loaded === '' || onDisk === loaded
    ? []
    : [
        {
          host: host.name,
          item: 'haproxy.service configuration',
          class: 'configuration',
          severity: 'drift',
          expected: 'loaded',
          found: 'the process runs with another one than is on disk',
          hint: `systemctl reload haproxy on ${host.name}`,
        },
      ];
}

function varsOn(host: ClusterHost): HaproxyVars {
  return host.vars.get('haproxy') as HaproxyVars;
}
