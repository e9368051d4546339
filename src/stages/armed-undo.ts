import type { Connection } from '../core/connection.ts';
import { HostFailed } from '../core/error.ts';
import { joinScripts, sh, type Script } from '../core/script.ts';
import { UNDO_ROOT } from './kept-undo.ts';

const TIMEOUT_MS = 30_000;
/** What reading the host again and a new connection may take, beside the change itself. */
const MARGIN_S = 120;

/** Units of this host's undo that fires by itself; `*` for those of every run. */
export const armedUnit = (runId: string) => `run-playbook-undo-${runId}`;

/**
 * Makes the host take the run back by itself, unless `disarm` comes first: this program, its machine or the network
 * may be gone after the change. It survives a reboot, and counts from there again.
 *
 * @param changeMs how long the change may take; armed already, it only counts anew
 */
export function arm(runId: string, changeMs: number): Script {
  const unit = plain(armedUnit(runId));
  const seconds = Math.ceil(changeMs / 1000) + MARGIN_S;
  return sh`( timer=/etc/systemd/system/${unit}.timer
if [ ! -e "$timer" ]; then
  printf '%s\\n' '[Service]' 'Type=oneshot' 'ExecStart=/bin/sh ${plain(`${UNDO_ROOT}/${runId}/undo`)}' >"\${timer%.timer}.service"
  printf '%s\\n' '[Unit]' 'StartLimitIntervalSec=0' '[Timer]' 'OnActiveSec=${seconds}' 'AccuracySec=1s' '[Install]' 'WantedBy=timers.target' >"$timer"
  systemctl daemon-reload
  systemctl enable -q ${unit}.timer
elif [ "$(sed -n 's/^OnActiveSec=//p' "$timer")" -lt ${seconds} ]; then
  sed -i 's/^OnActiveSec=.*/OnActiveSec=${seconds}/' "$timer"
  systemctl daemon-reload
fi
systemctl restart ${unit}.timer )`;
}

/** Ends what `arm` began, and removes its units; of all runs when `runId` is `*`. */
export function disarm(runId: string): Script {
  return sh`for timer in /etc/systemd/system/${plain(armedUnit(runId))}.timer; do
  [ -e "$timer" ] || continue
  systemctl disable -q --now "\${timer##*/}"
  rm -f -- "$timer" "\${timer%.timer}.service"
  systemctl daemon-reload
  systemctl reset-failed "\${timer##*/}" 2>/dev/null || :
done`;
}

/** Names of runs whose undo is armed. */
export const READ_ARMED = sh`for timer in ${plain(`/etc/systemd/system/${armedUnit('*')}.timer`)}; do
  [ ! -e "$timer" ] || { timer=\${timer##*/run-playbook-undo-}; echo "\${timer%.timer}"; }
done`;

/**
 * Shows that the host can still be reached from anew, and ends its armed undo.
 *
 * @param fresh a connection made after the last change
 * @throws HostFailed the undo has been carried out meanwhile
 */
export async function confirm(fresh: Connection, runId: string): Promise<void> {
  const { exit } = await fresh.exec(
    joinScripts([sh`[ -e ${`${UNDO_ROOT}/${runId}/steps`} ] || exit 3`, disarm(runId)]),
    { timeoutMs: TIMEOUT_MS },
  );
  if (exit === 3) {
    throw new HostFailed({
      host: fresh.host,
      what: 'the host has taken the run back by itself: its armed undo was not stopped in time',
      hint: 'find out why this machine could not reach it, then run again',
    });
  }
}

/** Unit names and paths of ours need no quotes, and a pattern must have none. */
function plain(name: string): Script {
  return { text: name, secrets: [] };
}
