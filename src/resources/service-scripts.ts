import { joinScripts, rawScript, sh, type Script } from '../core/script.ts';
import type { UnitState } from '../queries/unit.ts';
import { KEEP, RESTORE, SIBLINGS } from './undo-directory.ts';

interface Stamp {
  readonly path: string;
  readonly digest: string;
  /** What the service loads: none of it may look newer than the stamp, whatever the clock did. */
  readonly files: readonly string[];
}

/** What a service needs to be as declared. */
export interface ServiceWork {
  readonly name: string;
  readonly before: UnitState;
  readonly foreign: readonly string[];
  readonly unmask: boolean;
  readonly daemonReload: boolean;
  readonly enable: boolean;
  readonly start: boolean;
  readonly reload: boolean;
  readonly stamp?: Stamp;
  readonly live?: Script;
  readonly process?: Script;
  readonly onChange: 'reload' | 'reload-only' | 'restart';
  readonly needsRestart?: Script;
  readonly restart?: Script;
}

/** The stamp goes before the process is touched and comes back only when it is proven live: a crash leaves a visible difference. */
export function applyService(work: ServiceWork): Script {
  const unit = `${work.name}.service`;
  return joinScripts(
    [
      KEEP,
      work.process && isAnother(work.process),
      head(unit, work),
      work.stamp && sh`keep ${work.stamp.path}`,
      ...work.foreign.map((path) => sh`keep ${path}; rm -f -- ${path}`),
      ...(work.unmask
        ? [
            ...masks(unit).map((path) => sh`keep ${path}`),
            sh`systemctl unmask -q ${unit}; systemctl unmask -q --runtime ${unit}`,
          ]
        : []),
      (work.daemonReload || work.foreign.length > 0 || work.unmask) && rawScript('systemctl daemon-reload'),
      // What /etc/rc*.d says of a service that has a unit is of no effect, and would not be as before after an undo.
      // A mask hides whether the unit is enabled below it.
      work.enable &&
        sh`systemctl is-enabled -q ${unit} || : >"$RP_UNDO/disabled"
SYSTEMCTL_SKIP_SYSV=1 systemctl enable -q ${unit}`,
      work.stamp &&
        (work.start || work.reload) &&
        sh`: >"$RP_UNDO/loads."${work.name}
rm -f -- ${work.stamp.path}`,
      work.start &&
        sh`systemctl reset-failed ${unit} 2>/dev/null || :
systemctl start ${unit} || failed 'did not start'
await_live || failed 'started, but does not serve the new configuration'`,
      work.reload && loadScript(unit, work),
      work.stamp && (work.start || work.reload) && stampScript(work.stamp),
    ].filter((script) => typeof script === 'object'),
  );
}

/**
 * Runs after the files are back: the former state, and a reload so that the process has what the files say. The stamp
 * is back after that: a reload that fails, or never comes, leaves a visible difference.
 */
export function undoService(work: ServiceWork): Script {
  const unit = `${work.name}.service`;
  return joinScripts(
    [
      RESTORE,
      work.stamp && SIBLINGS,
      ...work.foreign.map((path) => sh`restore ${path}`),
      work.enable && sh`[ ! -e "$RP_UNDO/disabled" ] || SYSTEMCTL_SKIP_SYSV=1 systemctl disable -q ${unit}`,
      work.start && sh`systemctl stop ${unit}`,
      // One that did not start goes on being told as failed.
      work.start && work.before.active !== 'failed' && sh`systemctl reset-failed ${unit} 2>/dev/null || :`,
      ...(work.unmask ? masks(unit).map((path) => sh`restore ${path}`) : []),
      rawScript('systemctl daemon-reload'),
      work.reload && sh`systemctl reload-or-restart ${unit}`,
      work.stamp && restoreStamp(work.stamp),
    ].filter((script) => typeof script === 'object'),
  );
}

/** Where the links stand that mask a unit. */
function masks(unit: string): readonly string[] {
  return ['/etc', '/run'].map((base) => `${base}/systemd/system/${unit}`);
}

/** The stamp that was there before this change, or before the change of the files that it loaded; what this change wrote goes. */
function restoreStamp({ path, digest }: Stamp): Script {
  return sh`if kept=$(kept_by ${path}); then
  ( RP_UNDO=$kept; restore ${path} )
elif [ "$(cat ${path} 2>/dev/null)" = ${digest} ]; then
  rm -f -- ${path}
fi`;
}

function head(unit: string, { live, process }: ServiceWork): Script {
  return sh`failed() { # why
  printf '%s %s\\n' ${unit} "$1" >&2
  journalctl -u ${unit} -n 15 --no-pager -o cat >&2 2>/dev/null || :
  exit 1
}
live() { systemctl is-active -q ${unit} && ( set +e
${live ?? rawScript(':')}
) </dev/null >/dev/null 2>&1${rawScript(process === undefined ? '' : ' && is_another')}; }
await_live() { # 12 s of the host's uptime, as its clock may jump; however long one try takes
  deadline=$(($(cut -d . -f 1 /proc/uptime) + 12))
  until live; do
    [ "$(cut -d . -f 1 /proc/uptime)" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}`;
}

/** What `live` sees may be the same before and after, so the process has to be another one. */
function isAnother(process: Script): Script {
  return sh`process() { ( set +e
${process}
) </dev/null 2>/dev/null; }
is_another() { serving=$(process) && [ -n "$serving" ] && [ "$serving" != "$was" ]; }
was=`;
}

function loadScript(unit: string, work: ServiceWork): Script {
  const load = reloadOrRestart(unit, work);
  return work.process === undefined ? load : joinScripts([rawScript('was=$(process) || :'), load]);
}

function reloadOrRestart(unit: string, work: ServiceWork): Script {
  const restart = restartScript(unit, work);
  if (work.onChange === 'restart') {
    return restart;
  }
  const reload = work.onChange === 'reload' ? reloadScript(unit, restart) : reloadOnlyScript(unit);
  return work.needsRestart === undefined
    ? reload
    : sh`if ( set +e
${work.needsRestart}
) </dev/null >/dev/null 2>&1; then
${restart}
else
${reload}
fi`;
}

/** Some changes, such as a listener's address, are accepted by a reload but not made. */
function reloadScript(unit: string, restart: Script): Script {
  return sh`systemctl reload ${unit} || failed 'did not reload'
await_live || {
  echo ${`${unit}: the reload did not bring the new configuration, restarting`} >&2
  ${restart}
}`;
}

/** What keeps serving with its old configuration when it cannot load a new one would only be lost by a restart. */
function reloadOnlyScript(unit: string): Script {
  return sh`systemctl reload ${unit} || failed 'did not reload'
await_live || failed 'did not load the new configuration, and goes on with the one before'`;
}

function restartScript(unit: string, { restart }: ServiceWork): Script {
  return sh`( ${restart ?? sh`systemctl restart ${unit}`} ) || failed 'did not restart'
await_live || failed 'restarted, but does not serve the new configuration'`;
}

function stampScript({ path, digest, files }: Stamp): Script {
  return sh`umask 077
mkdir -p -- "$(dirname -- ${path})"
printf '%s\n' ${digest} >${path}.new
for file in ${files}; do
  [ ! "$file" -nt ${path}.new ] || touch -r "$file" -- ${path}.new
done
mv -f -- ${path}.new ${path}`;
}
