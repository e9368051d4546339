import { sh, type Script } from '../core/script.ts';

/** Root's alone, and gone with the next boot, as everything that a fault does to a host. */
const DIRECTORY = '/run/run-playbook-drill';
export const UNDO_UNIT = 'run-playbook-drill-undo';
const INJECT_UNIT = 'run-playbook-drill-inject';

/**
 * Has systemd put the fault right after that time, whoever is gone by then; fails when it does not.
 *
 * A script of its own, because systemd expands `$` in what it is to run (systemd.service(5), command lines).
 */
export function arm(undo: Script, afterMs: number): Script {
  return sh`set -eu
mkdir -p -m 0700 ${DIRECTORY}
( umask 077; printf '%s\\n' ${`${undo.text}\nrm -rf -- ${DIRECTORY}`} >${DIRECTORY}/undo )
systemd-run --quiet --collect --unit=${UNDO_UNIT} --on-active=${afterMs}ms --timer-property=AccuracySec=100ms /bin/sh ${DIRECTORY}/undo
systemctl is-active -q ${UNDO_UNIT}.timer`;
}

/** Takes that back; does nothing where nothing is armed. */
export function disarm(): Script {
  return sh`systemctl stop ${UNDO_UNIT}.timer ${UNDO_UNIT}.service 2>/dev/null || :
rm -rf -- ${DIRECTORY}
! systemctl is-active -q ${UNDO_UNIT}.timer`;
}

/** Exits with 0 when an undo is armed, of a drill that was lost. */
export function isArmed(): Script {
  return sh`systemctl is-active -q ${UNDO_UNIT}.timer ${UNDO_UNIT}.service`;
}

/** Breaks it and returns when it is broken. */
export function injectHere(inject: Script): Script {
  return sh`set -eu
${inject}`;
}

/** Has systemd break it half a second later, so that this much is still answered. */
export function injectDetached(inject: Script): Script {
  return sh`set -eu
mkdir -p -m 0700 ${DIRECTORY}
( umask 077; printf '%s\\n' ${`sleep 0.5\n${inject.text}`} >${DIRECTORY}/inject )
systemd-run --quiet --collect --unit=${INJECT_UNIT} /bin/sh ${DIRECTORY}/inject`;
}
