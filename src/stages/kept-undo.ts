import { isScript, joinScripts, rawScript, sh, type Script } from '../core/script.ts';
import { undoClass, type Begun } from '../core/undo.ts';
import type { ApplyContext } from './apply.ts';
import { arm, armedUnit, disarmUnit, holdOff } from './armed-undo.ts';
import { LOG_UNDO } from './audit-log.ts';
import { UNDO_ROOT, undoDirectory } from './undo-place.ts';

const TIMEOUT_MS = 60_000;
/** How long reading a host waits for a change that is being made there, by a run that may be gone. */
const BUSY_S = 20;

/**
 * Takes back everything that a run did on this host, without anybody's help: `sh undo`.
 *
 * A change that still goes on is waited for; without `steps` the run cannot go on, and what is left can be tried again.
 * What has been forgotten, or taken back, while it waited is none of its business any more.
 */
const UNDO_ALL = `# made by run-playbook
cd "$(dirname -- "$0")" || exit 1
run=$PWD
exec 8>>busy
flock -w 900 8
[ -e steps ] || [ -e begun ] || exit 0
# Nothing is written here: the disk may be full.
[ ! -e steps ] || mv -f steps begun || exit 1
LC_ALL=C sort -k1,1n -k2,2nr begun | {
  failed=0
  while read -r class number directory; do
    echo "undoing $directory"
    RP_UNDO=$run/$directory sh -eu "$directory/undo.sh" </dev/null || { echo "$directory: not undone" >&2; failed=1; }
  done
  exit "$failed"
}
failed=$?
unit=${armedUnit('${run##*/}')}
${disarmUnit(rawScript('$unit')).text}
${LOG_UNDO}
if [ "$failed" = 0 ]; then
  cd / && rm -rf -- "$run"
  rmdir -- "\${run%/*}" 2>/dev/null || :
  echo "run \${run##*/} is taken back"
else
  echo "not all is undone; once the cause is put right, again: sh $run/undo" >&2
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
  const first = wholly(sh`mkdir -p -- ${run} &&
printf '%s' ${UNDO_ALL} >${run}/undo &&
: >>${run}/steps`);
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
  const { text, secrets } = isScript(undo)
    ? undo
    : rawScript('echo "only run-playbook itself can undo this" >&2; exit 1');
  const step = `${undoClass(resource.kind)} ${number} ${directory.slice(run.length + 1)}`;
  return joinScripts([
    busy,
    wholly(sh`mkdir -p -- ${directory} &&
printf '%s\n' ${text} >${directory}/undo.sh &&
printf '%s\n' ${step} >>${run}/steps`),
    rawScript('', secrets),
  ]);
}

/** @param commands joined by `&&`: what cannot be kept is a reason not to begin */
function wholly(commands: Script): Script {
  return sh`( umask 077 && ${commands} ) || {
  echo 'how it is undone could not be kept in ${rawScript(UNDO_ROOT)}, so it was not begun: is the disk full?' >&2
  exit 1
}`;
}

/** Before an undo: a change, or another undo, to which nobody listens any more has ended. */
export const AFTER_OTHERS = sh`mkdir -p -m 0700 -- "$RP_UNDO"
exec 8>>"$RP_UNDO/../busy"
flock 8`;

/** What of a run is there to be taken back, once a change that still goes on has ended. */
export interface Kept {
  /** Whether anything of the run is on the host. */
  readonly isThere: boolean;
  /** Whether a change of the run still goes on, after all this time. */
  readonly isBusy: boolean;
  /** Ids of changes that never began there. */
  readonly unbegun: ReadonlySet<string>;
}

interface ReadKeptOptions {
  /** How long a change may go on that nobody listens to any more. */
  readonly waitMs: number;
  /** Until when the host does not begin by itself; left out where no change was guarded. */
  readonly holdOffMs?: number;
}

export async function readKept(
  { connection, runId }: Pick<ApplyContext, 'connection' | 'runId'>,
  begun: readonly Begun[],
  { waitMs, holdOffMs }: ReadKeptOptions,
): Promise<Kept> {
  const run = `${UNDO_ROOT}/${runId}`;
  // The directory comes first, and of what cannot be undone it is all there is.
  const marks = begun.map(({ undo, resource: { id } }) => ({
    id,
    mark: undoDirectory(runId, id) + (undo === undefined ? '' : '/undo.sh'),
  }));
  const { exit, stdout } = await connection.exec(
    joinScripts([
      sh`cd ${run} 2>/dev/null || exit 3
free=yes
{ true >>busy && exec 8>>busy && flock -w ${Math.ceil(waitMs / 1000)} 8; } || free=
[ -d ${run} ] || exit 3`,
      ...(holdOffMs === undefined
        ? []
        : [
            sh`${arm(runId, holdOffMs)} >&2
[ -z "$free" ] || ${holdOff(runId)}`,
          ]),
      ...marks.map(({ mark }, index) => sh`[ -e ${mark} ] || echo ${index}`),
      sh`[ -n "$free" ] || exit 4`,
    ]),
    { timeoutMs: waitMs + TIMEOUT_MS },
  );
  const unbegun = stdout.toString('latin1').split('\n').filter(Boolean);
  return {
    isThere: exit !== 3,
    isBusy: exit === 4,
    unbegun: new Set(unbegun.flatMap((index) => marks[Number(index)]?.id ?? [])),
  };
}

/**
 * Names of runs that left something on the host, and `whole/RUN` when nothing of it was taken back yet; a change that
 * is being made has ended before.
 */
export const READ_RUNS = sh`for run in ${rawScript(`${UNDO_ROOT}/*`)}; do
  [ ! -e "$run/busy" ] || flock -w ${BUSY_S} "$run/busy" true
  [ ! -d "$run" ] || echo "\${run##*/}"
  [ ! -e "$run/steps" ] || echo "whole/\${run##*/}"
done`;

/** Fails unless the run is still there as a whole: the host may have taken it back since READ_RUNS. */
export function stillWhole(runId: string): Script {
  const run = `${UNDO_ROOT}/${runId}`;
  return sh`[ ! -e ${run}/busy ] || flock -w ${BUSY_S} ${run}/busy true || :
[ -e ${run}/steps ] || {
  echo 'the host has taken that run back by itself meanwhile: run again' >&2
  exit 1
}`;
}

/** Removes what was kept for undoing a run, and what its changes or undos left that were cut off by a power loss. */
export function forget(runId: string): Script {
  const run = `${UNDO_ROOT}/${runId}`;
  return sh`[ ! -e ${run}/busy ] || flock -w ${BUSY_S} ${run}/busy true || {
  echo 'a change of that run still goes on here: wait until it has ended' >&2
  exit 1
}
cat ${run}/*/stage 2>/dev/null | while IFS= read -r stage; do rm -rf -- "$stage"; done
( cd ${run} 2>/dev/null && find . -mindepth 3 ) | while IFS= read -r kept; do
  path=/\${kept#./*/}
  rm -rf -- "\${path%/*}/.\${path##*/}.run-playbook"
done
rm -rf -- ${run}
rmdir -- ${UNDO_ROOT} 2>/dev/null || :`;
}

/** Removes what was kept for undoing this run. */
export async function discardUndo({
  connection,
  runId,
}: Pick<ApplyContext, 'connection' | 'runId'>): Promise<void> {
  await connection.exec(forget(runId), { timeoutMs: TIMEOUT_MS });
}
