import type { Connection } from '../core/connection.ts';
import { HostFailed } from '../core/error.ts';
import { joinScripts, rawScript, sh, type Script } from '../core/script.ts';
import { UNDO_ROOT } from './undo-place.ts';

const TIMEOUT_MS = 60_000;
/** What reading the host again and a new connection may take, beside the change itself. */
const MARGIN_S = 120;
/** How long confirming waits for a change that still goes on, or for an undo that has begun. */
const BUSY_S = 20;
const UNITS = '/etc/systemd/system';

/** Units of this host's undo that fires by itself; `*` for those of every run. */
export const armedUnit = (runId: string) => `run-playbook-undo-${runId}`;

/**
 * Makes the host take the run back by itself, unless `disarm` comes first: this program, its machine or the network
 * may be gone after the change. It survives a reboot, and counts from there again; what it needs is on the disk
 * before the change begins, so it survives a power loss too.
 *
 * @param changeMs how long the change may take; armed already, it only counts anew
 */
export function arm(runId: string, changeMs: number): Script {
  const unit = plain(armedUnit(runId));
  const run = `${UNDO_ROOT}/${runId}`;
  const seconds = Math.ceil(changeMs / 1000) + MARGIN_S;
  return sh`( timer=${UNITS}/${unit}.timer
service=${UNITS}/${unit}.service
if [ ! -e "$timer" ]; then
  printf '%s\\n' '[Service]' 'Type=oneshot' 'ExecStart=/bin/sh ${plain(`${run}/undo`)}' >"$service"
  printf '%s\\n' '[Unit]' 'StartLimitIntervalSec=0' '[Timer]' 'OnActiveSec=${seconds}' 'AccuracySec=1s' '[Install]' 'WantedBy=timers.target' >"$timer"
  systemctl daemon-reload
  systemctl enable -q ${unit}.timer
elif [ "$(sed -n 's/^OnActiveSec=//p' "$timer")" -lt ${seconds} ]; then
  sed -i 's/^OnActiveSec=.*/OnActiveSec=${seconds}/' "$timer"
  systemctl daemon-reload
fi
systemctl restart ${unit}.timer
find ${run} ${UNITS}/timers.target.wants "$timer" "$service" \\( -type f -o -type d \\) -exec sync -- {} + )`;
}

/**
 * Makes an undo that has fired, and only waits for a change to end, not begin any more.
 *
 * Only while `busy` of the run is locked, which is what it waits for.
 */
export function holdOff(runId: string): Script {
  return sh`systemctl stop ${armedUnit(runId)}.service 2>/dev/null || :`;
}

/** Ends what `arm` began, and removes its units; not to come back with a power loss either. */
export function disarm(runId: string): Script {
  return disarmUnit(plain(armedUnit(runId)));
}

/** @param unit its name, or what expands to it */
export function disarmUnit(unit: Script): Script {
  return sh`if [ -e ${UNITS}/${unit}.timer ] || [ -e ${UNITS}/${unit}.service ]; then
  systemctl stop ${unit}.timer 2>/dev/null || :
  rm -f -- ${UNITS}/timers.target.wants/${unit}.timer ${UNITS}/${unit}.timer ${UNITS}/${unit}.service
  systemctl daemon-reload
  systemctl reset-failed ${unit}.timer ${unit}.service 2>/dev/null || :
  sync -- ${UNITS}
fi
! systemctl is-active -q ${unit}.timer || { echo "${unit}.timer cannot be stopped" >&2; false; }`;
}

/** Names of runs whose undo is armed, or was to be. */
export const READ_ARMED = sh`for unit in ${plain(`${UNITS}/${armedUnit('*')}`)}; do
  [ ! -e "$unit" ] || { unit=\${unit##*/run-playbook-undo-}; echo "\${unit%.*}"; }
done`;

/** @throws HostFailed it goes on counting, and why */
export async function disarmNow(connection: Connection, runId: string): Promise<void> {
  const { exit, stderr } = await connection.exec(joinScripts([sh`set -e`, disarm(runId)]), {
    timeoutMs: TIMEOUT_MS,
  });
  if (exit !== 0) {
    throw stillArmed(connection.host, runId, stderr);
  }
}

/**
 * Shows that the host can still be reached from anew, and ends its armed undo.
 *
 * @param fresh a connection made after the last change
 * @throws HostFailed the undo has been carried out meanwhile, or cannot be ended
 */
export async function confirm(fresh: Connection, runId: string): Promise<void> {
  const run = `${UNDO_ROOT}/${runId}`;
  const { host } = fresh;
  // Locked, so that it either has begun or never does: the moment between looking and disarming would be enough.
  const { exit, stderr } = await fresh.exec(
    joinScripts([
      sh`set -e
[ -e ${run}/steps ] || exit 3
exec 8>>${run}/busy
flock -w ${BUSY_S} 8 || exit 4
[ -e ${run}/steps ] || exit 3`,
      disarm(runId),
      holdOff(runId),
    ]),
    { timeoutMs: TIMEOUT_MS },
  );
  if (exit === 3) {
    throw new HostFailed({
      host,
      what: 'the host has taken the run back by itself: its armed undo was not stopped in time',
      hint: 'find out why this machine could not reach it, then run again',
    });
  }
  if (exit !== 0) {
    throw stillArmed(host, runId, exit === 4 ? 'a change of this run still goes on there' : stderr);
  }
}

function stillArmed(host: string, runId: string, stderr: string): HostFailed {
  return new HostFailed({
    host,
    what: 'its armed undo could not be ended: the host may take the run back by itself',
    why: stderr.trim().split('\n').filter(Boolean).slice(-5),
    hint: `on ${host}: systemctl stop ${armedUnit(runId)}.timer; rm ${UNITS}/${armedUnit(runId)}.*`,
  });
}

/**
 * Unit names and paths of ours need no quotes, and a pattern must have none.
 *
 * @throws TypeError the shell would read more than a name or a pattern
 */
function plain(name: string): Script {
  if (!/^[\w./*-]+$/.test(name)) {
    throw new TypeError(`${JSON.stringify(name)} cannot be the name of a run's undo`);
  }
  return rawScript(name);
}
