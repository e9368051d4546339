import { randomBytes } from 'node:crypto';
import type { Connection } from '../core/connection.ts';
import { HostFailed } from '../core/error.ts';
import { buildProbe } from '../core/probe.ts';
import { ProbeIncomplete, type Query, type Seen } from '../core/query.ts';

const PROBE_TIMEOUT_MS = 60_000;

/** A file may be written while it is read, and then its length and its bytes do not belong together: read again. */
const TRIES = 3;

/**
 * Everything the queries ask of one host, in one exec.
 *
 * @throws HostFailed the reply is not complete, several times in a row
 */
export async function probe(connection: Connection, queries: readonly Query<unknown>[]): Promise<Seen> {
  for (let left = TRIES; ; left--) {
    const built = buildProbe(queries, randomBytes(12).toString('hex'));
    const { stdout, stderr } = await connection.exec(built.script, { timeoutMs: PROBE_TIMEOUT_MS });
    try {
      return built.read(stdout);
    } catch (error) {
      if (!(error instanceof ProbeIncomplete)) {
        throw error;
      }
      if (left <= 1) {
        throw incomplete(connection.host, error, stderr);
      }
    }
  }
}

function incomplete(host: string, error: ProbeIncomplete, stderr: string): HostFailed {
  return new HostFailed(
    {
      host,
      what: `${error.message}, ${TRIES} times in a row`,
      why: stderr.trim().split('\n').filter(Boolean).slice(-5),
      hint: `nothing was changed by reading; look at ${host} (memory, disk, a file that never rests), then run again`,
    },
    { cause: error },
  );
}
