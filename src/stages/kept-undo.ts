import { isScript, joinScripts, rawScript, sh, type Script } from '../core/script.ts';
import { undoClass, type Begun } from '../core/undo.ts';
import type { ApplyContext } from './apply.ts';
import { LOG_UNDO } from './audit-log.ts';

/** Where a host keeps how runs on it are taken back. */
export const UNDO_ROOT = '/var/lib/run-playbook/undo';
const TIMEOUT_MS = 60_000;
/** How long reading a host waits for a change that is being made there, by a run that may be gone. */
const BUSY_S = 20;

/** Where a change keeps what its undo needs, on the host. */
export function undoDirectory(runId: string, id: string): string {
  return `${UNDO_ROOT}/${runId}/${id.replaceAll(/[^\w.-]+/g, '_')}`;
}

/**
 * Takes back everything that a run did on this host, without anybody's help: `sh undo`.
 *
 * A change that still goes on is waited for; without `steps` the run cannot go on, and what is left can be tried again.
 */
const UNDO_ALL = `# made by run-playbook
cd "$(dirname -- "$0")" || exit 1
run=$PWD
exec 8>>busy
flock -w 900 8
if [ -e steps ]; then
  LC_ALL=C sort -k1,1n -k2,2nr steps >order.new && mv -f order.new order && rm -f steps || exit 1
fi
failed=0
while read -r class number directory; do
  echo "undoing $directory"
  RP_UNDO=$run/$directory sh -eu "$directory/undo.sh" </dev/null || { echo "$directory: not undone" >&2; failed=1; }
done <order
unit=run-playbook-undo-\${run##*/}
if [ -e "/etc/systemd/system/$unit.timer" ]; then
  systemctl disable -q --now "$unit.timer"
  rm -f "/etc/systemd/system/$unit.timer" "/etc/systemd/system/$unit.service"
  systemctl daemon-reload
  systemctl reset-failed "$unit.timer" 2>/dev/null || :
fi
${LOG_UNDO}
if [ "$failed" = 0 ]; then
  cd / && rm -rf -- "$run"
  rmdir -- "\${run%/*}" 2>/dev/null || :
fi
exit "$failed"
`;

/**
 * Leaves on the host how a change is taken back, before it is made: whatever becomes of this program,
 * `sh /var/lib/run-playbook/undo/RUN/undo` takes the run back there.
 *
 * @param number counts the changes of this host, from 1
 */
export function keepUndo({ resource, undo }: Begun, number: number, runId: string): Script {
  const run = `${UNDO_ROOT}/${runId}`;
  const directory = undoDirectory(runId, resource.id);
  const first = sh`(umask 077; mkdir -p -- ${run}; : >>${run}/steps)`;
  const still = sh`[ -e ${run}/steps ] || { echo 'the host has taken the run back by itself meanwhile' >&2; exit 1; }`;
  // Locked until this change has ended, whoever still listens to it.
  const busy = sh`${number > 1 ? still : first}
exec 8>>${run}/busy
flock 8
${still}`;
  if (undo === undefined) {
    return sh`${busy}
mkdir -p -m 0700 -- ${directory}`;
  }
  const text = isScript(undo) ? undo.text : 'echo "only run-playbook itself can undo this" >&2; exit 1';
  const step = `${undoClass(resource.kind)} ${number} ${directory.slice(run.length + 1)}`;
  return sh`${busy}
( umask 077
mkdir -p -- ${directory}
[ -e ${run}/undo ] || printf '%s' ${UNDO_ALL} >${run}/undo
printf '%s\n' ${text} >${directory}/undo.sh
printf '%s\n' ${step} >>${run}/steps )`;
}

/** What of a run is there to be taken back, once a change that still goes on has ended. */
export interface Kept {
  /** Whether anything of the run is on the host. */
  readonly isThere: boolean;
  /** Whether a change of the run still goes on, after all this time. */
  readonly isBusy: boolean;
  /** Ids of changes that never began there. */
  readonly unbegun: ReadonlySet<string>;
}

/** @param waitMs how long a change may go on that nobody listens to any more */
export async function readKept(
  { connection, runId }: ApplyContext,
  begun: readonly Begun[],
  waitMs: number,
): Promise<Kept> {
  const run = `${UNDO_ROOT}/${runId}`;
  const ids = begun.flatMap(({ undo, resource }) => (undo === undefined ? [] : [resource.id]));
  const { exit, stdout } = await connection.exec(
    joinScripts([
      sh`cd ${run} 2>/dev/null || exit 3
flock -w ${Math.ceil(waitMs / 1000)} busy true || exit 4
[ -d ${run} ] || exit 3`,
      ...ids.map((id) => sh`[ -e ${undoDirectory(runId, id)}/undo.sh ] || printf '%s\n' ${id}`),
    ]),
    { timeoutMs: waitMs + TIMEOUT_MS },
  );
  const unbegun = new Set(stdout.toString('utf8').split('\n').filter(Boolean));
  return { isThere: exit !== 3, isBusy: exit === 4, unbegun };
}

/** Names of runs that left something on the host. */
export const LIST_RUNS = sh`for run in ${rawScript(`${UNDO_ROOT}/*`)}; do
  [ ! -d "$run" ] || echo "\${run##*/}"
done`;

/** The same, once a change that is being made has ended. */
export const READ_RUNS = sh`for run in ${rawScript(`${UNDO_ROOT}/*`)}; do
  [ ! -e "$run/busy" ] || flock -w ${BUSY_S} "$run/busy" true
done
${LIST_RUNS}`;

/** Removes what was kept for undoing a run, and what its change left that was cut off by a power loss. */
export function forget(runId: string): Script {
  const run = `${UNDO_ROOT}/${runId}`;
  return sh`[ ! -e ${run}/busy ] || flock -w ${BUSY_S} ${run}/busy true || {
  echo 'a change of that run still goes on here: wait until it has ended' >&2
  exit 1
}
cat ${run}/*/stage 2>/dev/null | while IFS= read -r stage; do rm -rf -- "$stage"; done
rm -rf -- ${run}
rmdir -- ${UNDO_ROOT} 2>/dev/null || :`;
}

/** Removes what was kept for undoing this run. */
export async function discardUndo({ connection, runId }: ApplyContext): Promise<void> {
  await connection.exec(forget(runId), { timeoutMs: TIMEOUT_MS });
}
