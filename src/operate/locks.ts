import { randomBytes } from 'node:crypto';
import { AUDIT_VERSION, type HostLine, type RunMark } from '../core/audit.ts';
import { HostFailed } from '../core/error.ts';
import { appendToLog } from '../stages/audit-log.ts';
import { BREAK_LOCK, lockHolderOf, READ_LOCK, type LockHolder } from '../stages/lock.ts';
import { askHosts, type Answered, type HostAccess } from './ask-hosts.ts';

const TIMEOUT_MS = 30_000;

/** Who holds the lock of a host; nobody when `holder` is absent. */
export interface HostLock {
  readonly host: string;
  readonly holder?: LockHolder | undefined;
}

/** Who holds the locks of hosts. */
export function readLocks(names: readonly string[], access: HostAccess): Promise<Answered<HostLock>> {
  return askHosts(names, access, async (connection) => {
    const { stdout } = await connection.exec(READ_LOCK, { timeoutMs: TIMEOUT_MS });
    return { host: connection.host, holder: lockHolderOf({ stdout: stdout.toString('utf8') }) };
  });
}

/**
 * Takes the locks of hosts away from whoever holds them: a run changes nothing more there. Their logs tell who did it.
 *
 * @returns who was thrown out
 */
export function breakLocks(
  names: readonly string[],
  access: HostAccess,
  mark: Omit<RunMark, 'v' | 'run' | 'playbook' | 'start'>,
): Promise<Answered<HostLock>> {
  const start = new Date().toISOString();
  const run = randomBytes(6).toString('hex');
  return askHosts(names, access, async (connection) => {
    const { host } = connection;
    const { exit, stdout } = await connection.exec(BREAK_LOCK, { timeoutMs: TIMEOUT_MS });
    const holder = lockHolderOf({ stdout: stdout.toString('utf8') });
    if (exit !== 0) {
      const hint = `look at ${host}: find /proc/[0-9]*/fd -lname /run/run-playbook.lock`;
      throw new HostFailed({ host, what: 'its lock is still held', hint });
    }
    if (holder !== undefined) {
      // Nobody's change: the lock is not needed for one more line.
      const line: HostLine = {
        v: AUDIT_VERSION,
        run,
        playbook: 'lock release',
        start,
        end: new Date().toISOString(),
        ...mark,
        host,
        result: 'released',
        why: holder.name,
        changes: [],
      };
      await appendToLog(connection, JSON.stringify(line));
    }
    return { host, holder };
  });
}
