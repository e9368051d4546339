import {
  outputOf,
  type Cluster,
  type ClusterHost,
  type Inspection,
  type Observation,
  type Seen,
} from 'run-playbook';
import { neighbourObservations, neighbourReads } from './neighbours.ts';
import { CONF } from './configuration.ts';
import { readsOther } from './live.ts';

const lastRead = outputOf(readsOther(CONF));

/** What the network says of the virtual IPs, and whether keepalived runs with the file that is on disk. */
export function inspect({ hosts }: Cluster): Inspection {
  return {
    reads: () => ({ lastRead, ...neighbourReads(hosts) }),
    judge: (seen) => [
      ...neighbourObservations(hosts, seen),
      ...hosts.flatMap((host) => notLoaded(host, seen.get(host.name))),
    ],
  };
}

/** A file that was put back as it was looks untouched, and keepalived may have read what stood there in between. */
function notLoaded({ name: host }: ClusterHost, seen: Seen | undefined): readonly Observation[] {
  return seen?.answer(lastRead).stdout.trim() !== 'differs'
    ? []
    : [
        {
          host,
          item: 'keepalived.service configuration',
          class: 'configuration',
          severity: 'drift',
          expected: 'loaded',
          found: 'the process runs with another one than is on disk',
          hint: `systemctl reload keepalived on ${host}`,
        },
      ];
}
