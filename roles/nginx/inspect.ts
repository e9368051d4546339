import {
  certificateAt,
  entriesOf,
  listenerObservations,
  outputOf,
  tcpListeners,
  type Cluster,
  type ClusterHost,
  type Inspection,
  type Observation,
  type Seen,
} from 'run-playbook';
import { certificateObservations, certificatePaths, loadAge } from './inspect-certificates.ts';
import { declaredNames } from './files.ts';
import { generations } from './live.ts';
import { socketsIn, wantedSockets } from './sockets.ts';
import type { NginxVars } from './vars.ts';

/** How an nginx that runs differs from its configuration, and what of its configuration nobody declares. */
export function inspect({ hosts }: Cluster): Inspection {
  return {
    reads: (host) => ({
      listeners: tcpListeners,
      generations: outputOf(generations(varsOn(host))),
      ...Object.fromEntries(Object.keys(INCLUDED).map((directory) => [directory, entriesOf(directory)])),
      ...(certificatePaths(varsOn(host)).length > 0 && { loaded: loadAge }),
      ...Object.fromEntries(certificatePaths(varsOn(host)).map((path) => [path, certificateAt(path)])),
    }),
    judge: (seen) =>
      hosts.flatMap((host) => {
        const answers = seen.get(host.name);
        return answers === undefined ? [] : observationsOf(host, answers);
      }),
  };
}

function observationsOf(host: ClusterHost, seen: Seen): readonly Observation[] {
  const vars = varsOn(host);
  const listening = {
    host: host.name,
    program: 'nginx',
    wanted: wantedSockets(vars, host),
    besides: socketsIn(ownText(vars)),
  };
  return [
    ...listenerObservations(listening, seen.answer(tcpListeners)),
    ...notLoaded(host, seen),
    ...certificateObservations(host, seen),
    ...undeclared(host, seen),
  ];
}

/** Which files of a directory nginx reads. */
const INCLUDED: Readonly<Record<string, RegExp>> = {
  '/etc/nginx/conf.d': /^[^.].*\.conf$/,
  '/etc/nginx/sites-enabled': /^[^.]/,
};

/** Files of somebody else's that nginx reads; they may stay, unless the role is to remove them. */
function undeclared(host: ClusterHost, seen: Seen): readonly Observation[] {
  const vars = varsOn(host);
  const declared = declaredNames(vars);
  return Object.entries(INCLUDED)
    .filter(([directory]) => !(vars.purge_unmanaged_sites && directory.endsWith('/sites-enabled')))
    .flatMap(([directory, isRead]) =>
      seen
        .answer(entriesOf(directory))
        .filter((name) => isRead.test(name))
        .map((name) => `${directory}/${name}`)
        .filter((path) => !declared.includes(path)),
    )
    .map((path): Observation => ({
      host: host.name,
      item: path,
      class: 'file',
      severity: 'notice',
      expected: 'declared, or absent',
      found: 'not declared, and nginx reads it',
      hint: 'declare it in nginx.sites or nginx.conf_d, or have it removed: nginx.purge_unmanaged_sites',
    }));
}

/** A file that was put back as it was looks untouched, and the process may have loaded what stood there in between. */
function notLoaded(host: ClusterHost, seen: Seen): readonly Observation[] {
  const { stdout } = seen.answer(outputOf(generations(varsOn(host))));
  const [onDisk = '', loaded = ''] = stdout.split('\n');
  return onDisk === '' || loaded === '' || onDisk === loaded
    ? []
    : [
        {
          host: host.name,
          item: 'nginx.service configuration',
          class: 'configuration',
          severity: 'drift',
          expected: 'loaded',
          found: 'the process runs with another one than is on disk',
          hint: `systemctl reload nginx on ${host.name}`,
        },
      ];
}

/** Every line of the user's own in which nginx may be told to listen. */
function ownText({ raw_main, raw_http, conf_d, snippets, sites }: NginxVars): string {
  return [
    ...raw_main,
    ...raw_http,
    ...Object.values(conf_d),
    ...Object.values(snippets),
    ...Object.values(sites).flatMap(({ raw }) => raw),
  ].join('\n');
}

function varsOn(host: ClusterHost): NginxVars {
  return host.vars.get('nginx') as NginxVars;
}
