import { createHmac } from 'node:crypto';
import type { Connection } from '../core/connection.ts';
import { HostFailed } from '../core/error.ts';
import type { Digest } from '../core/saved-plan-digest.ts';
import { rawScript, sh, type Script } from '../core/script.ts';

/** Root's alone: it names people, and what they changed. */
export const AUDIT_LOG = '/var/log/run-playbook/audit.log';
/** Never leaves the host but into the memory of a run: without it digests of short secrets could be guessed. */
export const AUDIT_KEY = '/var/lib/run-playbook/audit.key';
/** Beyond this the log is put aside, in the place of the one put aside before. */
const MAX_BYTES = 10 * 1024 * 1024;
const TIMEOUT_MS = 15_000;

/**
 * The digest of what a host answered, by the host's own key: whoever has the log and not the host can neither see
 * a secret nor try out guesses.
 *
 * @throws HostFailed the key can be neither read nor made
 */
export async function auditDigest(connection: Connection): Promise<Digest> {
  const key = await run(
    connection,
    'its key for digests could not be had',
    sh`umask 077
[ -s ${AUDIT_KEY} ] || {
  mkdir -p -- ${parent(AUDIT_KEY)}
  od -An -N32 -tx1 /dev/urandom | tr -d ' \\n' >${AUDIT_KEY}.new
  mv -f -- ${AUDIT_KEY}.new ${AUDIT_KEY}
}
cat ${AUDIT_KEY}`,
  );
  return (text) => createHmac('sha256', key).update(text).digest('hex').slice(0, 32);
}

/**
 * Adds a line to the host's log, in one write: a line is there as a whole or cut off where the disk was full, and
 * the next one begins on a line of its own all the same.
 *
 * @throws HostFailed it cannot be written
 */
export async function appendToLog(connection: Connection, line: string): Promise<void> {
  const directory = parent(AUDIT_LOG);
  await run(
    connection,
    `${AUDIT_LOG} could not be written`,
    sh`umask 077
[ ! -L ${directory} ] || { echo '${rawScript(directory)} is a link' >&2; exit 1; }
mkdir -p -- ${directory}
chown root:root -- ${directory}
chmod 0700 -- ${directory}
size=$(stat -c %s -- ${AUDIT_LOG} 2>/dev/null || echo 0)
[ "$size" -le ${MAX_BYTES} ] || mv -f -- ${AUDIT_LOG} ${AUDIT_LOG}.1
first=
[ ! -s ${AUDIT_LOG} ] || [ -z "$(tail -c 1 -- ${AUDIT_LOG})" ] || first='
'
printf '%s%s\\n' "$first" ${line} | dd of=${AUDIT_LOG} bs=1M iflag=fullblock oflag=append conv=notrunc,fsync status=none`,
  );
}

/** What a host writes down that takes `$run` back without this program; not all of it when `$failed` is not 0. */
export const LOG_UNDO = `( umask 077
mkdir -p ${parent(AUDIT_LOG)}
[ "$failed" = 0 ] && result=rolled-back || result=partly-rolled-back
host=$(uname -n | tr -cd '[:alnum:].-')
printf '{"v":1,"run":"%s","playbook":"undo","by":"%s","from":"%s","start":"%s","host":"%s","result":"%s"}\\n' \\
  "\${run##*/}" "$(id -un)" "$host" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$host" "$result" >>${AUDIT_LOG} )`;

/** Prints the last lines of the log, and of the one put aside. */
export function readLog(lines: number): Script {
  return sh`{ cat ${AUDIT_LOG}.1; echo; cat ${AUDIT_LOG}; } 2>/dev/null | sed '/^$/d' | tail -n ${lines}`;
}

async function run(connection: Connection, what: string, script: Script): Promise<string> {
  const { exit, stdout, stderr } = await connection.exec(
    sh`set -e
${script}`,
    { timeoutMs: TIMEOUT_MS },
  );
  if (exit !== 0) {
    const why = stderr.trim().split('\n').filter(Boolean).slice(-3);
    throw new HostFailed({
      host: connection.host,
      what,
      why,
      hint: `this run is not in its log: look at ${connection.host} (disk, read-only file system)`,
    });
  }
  return stdout.toString('utf8');
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
