import { parseHostLine } from '../core/audit.ts';
import type { Connection } from '../core/connection.ts';
import type { Seen } from '../core/query.ts';
import { judgeStatus, type ClusterStatus, type HostStatus } from '../core/status.ts';
import { hostFacts } from '../queries/facts.ts';
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
  return judgeStatus(answers, troubles, names.length === access.inventory.hosts.size);
}

async function readHost(connection: Connection): Promise<HostStatus> {
  const units = SERVICES.map((name) => unitNamed(`${name}.service`));
  const queries = [...units, hostFacts, keepalivedQuery, lockQuery, armedQuery, keptQuery, logQuery];
  return statusFrom(connection.host, await probe(connection, queries));
}

function statusFrom(host: string, seen: Seen): HostStatus {
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
