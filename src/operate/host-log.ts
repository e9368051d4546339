import { parseHostLine, type HostLine } from '../core/audit.ts';
import type { Trouble } from '../core/error.ts';
import { readLog } from '../stages/audit-log.ts';
import { askHosts, type HostAccess } from './ask-hosts.ts';

const TIMEOUT_MS = 30_000;

/** What a host's own log tells. */
export interface HostLog {
  /** Oldest first. */
  readonly lines: readonly HostLine[];
  /** Lines that this program cannot read. */
  readonly unread: number;
  readonly troubles: readonly Trouble[];
}

/** The last lines of a host's log. */
export async function readHostLog(host: string, count: number, access: HostAccess): Promise<HostLog> {
  const { answers, troubles } = await askHosts([host], access, async (connection) => {
    const { stdout } = await connection.exec(readLog(count), { timeoutMs: TIMEOUT_MS });
    return stdout.toString('utf8').split('\n').filter(Boolean);
  });
  const lines = answers.flat();
  const parsed = lines.flatMap((line) => parseHostLine(line) ?? []);
  // By the name it is known by here, whatever another controller calls it.
  return { lines: parsed.map((line) => ({ ...line, host })), unread: lines.length - parsed.length, troubles };
}
