import { parseHostLine } from '../core/audit.ts';
import type { Connection } from '../core/connection.ts';
import type { Query, Seen } from '../core/query.ts';
import { judgeStatus, type BackendStatus, type ClusterStatus, type HostStatus } from '../core/status.ts';
import { hostFacts } from '../queries/facts.ts';
import { haproxyState } from '../queries/haproxy.ts';
import { outputOf } from '../queries/output.ts';
import { unitNamed } from '../queries/unit.ts';
import { readLog } from '../stages/audit-log.ts';
import { lockHolderOf, READ_LOCK } from '../stages/lock.ts';
import { probe } from '../stages/probe.ts';
import { askHosts, type HostAccess } from './ask-hosts.ts';
import { keepalivedQuery, keepalivedStatus } from './keepalived-status.ts';
import { armedQuery, armedUndos, keptQuery, keptUndos } from './undo-status.ts';

const SERVICES = ['nginx', 'haproxy', 'keepalived'];

const lockQuery = outputOf(READ_LOCK);
/** Not only the last line: it may be no run, or cut off. */
const logQuery = outputOf(readLog(10));

/** How hosts stand right now; nothing is changed on them, and nobody's lock is taken. */
export async function readStatus(names: readonly string[], access: HostAccess): Promise<ClusterStatus> {
  const { answers, troubles } = await askHosts(names, access, readHost);
  return judgeStatus(answers, troubles);
}

/** Everything that `statusFrom` reads of a host. */
export const statusQueries: readonly Query<unknown>[] = [
  ...SERVICES.map((name) => unitNamed(`${name}.service`)),
  hostFacts,
  keepalivedQuery,
  haproxyState,
  lockQuery,
  armedQuery,
  keptQuery,
  logQuery,
];

async function readHost(connection: Connection): Promise<HostStatus> {
  return statusFrom(connection.host, await probe(connection, statusQueries));
}

/** How a host stands, from what a probe of it answered. */
export function statusFrom(host: string, seen: Seen): HostStatus {
  const keepalived = keepalivedStatus(seen.answer(keepalivedQuery));
  const own = seen
    .answer(hostFacts)
    .interfaces.flatMap(({ addresses }) => addresses.map((address) => address.replace(/\/.*/, '')));
  return {
    host,
    services: SERVICES.flatMap((name) => {
      const { load, active, unitFile } = seen.answer(unitNamed(`${name}.service`));
      return load === 'not-found' ? [] : [{ name, active, enabled: unitFile === 'enabled' }];
    }),
    ...keepalived,
    backends: backendsOf(seen),
    carries: keepalived.vips.filter((vip) => own.includes(vip)),
    lock: lockNameOf(seen),
    armed: armedUndos(seen.answer(armedQuery)),
    kept: keptUndos(seen.answer(keptQuery)),
    lastRun: seen
      .answer(logQuery)
      .stdout.split('\n')
      .flatMap((line) => parseHostLine(line) ?? [])
      .findLast(({ result }) => result !== 'released'),
  };
}

function lockNameOf(seen: Seen): string | undefined {
  const holder = lockHolderOf(seen.answer(lockQuery));
  return holder === undefined ? undefined : holder.name || 'somebody who does not say who';
}

function backendsOf(seen: Seen): readonly BackendStatus[] | undefined {
  const servers = seen.answer(haproxyState)?.servers;
  const names = [...new Set(servers?.map(({ backend }) => backend))];
  return (
    servers && names.map((name) => ({ name, servers: servers.filter(({ backend }) => backend === name) }))
  );
}
