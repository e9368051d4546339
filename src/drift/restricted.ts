import { createHash, randomBytes } from 'node:crypto';
import type { Connection } from '../core/connection.ts';
import { HostFailed } from '../core/error.ts';
import { buildFixedProbe } from '../core/probe.ts';
import { ProbeIncomplete, type Query, type Seen } from '../core/query.ts';
import { sh } from '../core/script.ts';

/** Root's own: who may run it can read what it reads, and change nothing. */
export const PROBE_PATH = '/usr/local/sbin/run-playbook-probe';
const TIMEOUT_MS = 60_000;

/** How sudoers(5) says that somebody may run the probe, without arguments, and nothing else. */
export function sudoersText(user: string): string {
  return `# Written by run-playbook drift --print-sudoers: ${user} may run the probe of drift checks, and nothing else.
${escaped(user)} ALL=(root:root) NOPASSWD: ${PROBE_PATH} ""
`;
}

/** The program that answers everything a drift check asks of one host. */
export function probeProgram(queries: readonly Query<unknown>[]): string {
  const { script } = buildFixedProbe(queries);
  return `#!/bin/sh
# Written by run-playbook drift --print-probe: reads what is declared for this host, and changes nothing.
echo '${versionOf(script.text)}'
${script.text}
`;
}

/**
 * Everything the queries ask of one host, asked as a user who may do nothing else there.
 *
 * @throws HostFailed the probe is not installed, not allowed, or of another state of the project
 */
export async function readRestricted(
  connection: Connection,
  queries: readonly Query<unknown>[],
): Promise<Seen> {
  const { host } = connection;
  const probe = buildFixedProbe(queries);
  const nonce = randomBytes(12).toString('hex');
  const { stdout, stderr } = await connection.exec(sh`printf '%s\n' ${nonce} | sudo -n ${PROBE_PATH}`, {
    timeoutMs: TIMEOUT_MS,
    become: false,
  });
  const end = stdout.indexOf('\n');
  const version = stdout.subarray(0, Math.max(end, 0)).toString('utf8');
  const why = stderr.trim().split('\n').filter(Boolean).slice(-3);
  if (!version.startsWith(MARK)) {
    const hint = `install both: run-playbook drift --print-probe ${host}, and --print-sudoers USER`;
    throw new HostFailed({ host, what: `${PROBE_PATH} cannot be run`, why, hint });
  }
  if (version !== versionOf(probe.script.text)) {
    const what = `${PROBE_PATH} is of another state of the project`;
    throw new HostFailed({ host, what, hint: `install it again: run-playbook drift --print-probe ${host}` });
  }
  try {
    return probe.read(stdout.subarray(end + 1), nonce);
  } catch (error) {
    if (error instanceof ProbeIncomplete) {
      throw new HostFailed({ host, what: error.message, why, hint: 'run again' }, { cause: error });
    }
    throw error;
  }
}

const MARK = 'run-playbook-probe ';

function versionOf(text: string): string {
  return `${MARK}${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

/** User names with characters that mean something in sudoers(5). */
function escaped(user: string): string {
  return user.replaceAll(/[^A-Za-z0-9_.-]/g, String.raw`\$&`);
}
