import { randomBytes } from 'node:crypto';
import type { Connection } from '../core/connection.ts';
import { HostFailed } from '../core/error.ts';
import { buildProbe } from '../core/probe.ts';
import { ProbeIncomplete, type Query, type Seen } from '../core/query.ts';

const PROBE_TIMEOUT_MS = 60_000;

/**
 * Everything the queries ask of one host, in one exec.
 *
 * @throws HostFailed the reply is not complete
 */
export async function probe(connection: Connection, queries: readonly Query<unknown>[]): Promise<Seen> {
  const built = buildProbe(queries, randomBytes(12).toString('hex'));
  const { stdout, stderr } = await connection.exec(built.script, { timeoutMs: PROBE_TIMEOUT_MS });
  try {
    return built.read(stdout);
  } catch (error) {
    if (!(error instanceof ProbeIncomplete)) {
      throw error;
    }
    throw new HostFailed(
      {
        host: connection.host,
        what: error.message,
        why: stderr.trim().split('\n').filter(Boolean).slice(-5),
        hint: 'run it again; if it stays, run with -vv and report it',
      },
      { cause: error },
    );
  }
}
