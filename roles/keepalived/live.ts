import { sh, type Script } from 'run-playbook';
import type { KeepalivedVars } from './vars.ts';

/**
 * `has_read FILE`: whether the running keepalived last read the file as it is on disk; sets `pid`, 0 where none runs.
 * Its parent keeps that text in a memory file (2.2.7).
 */
const HAS_READ = sh`lines() { sed -e 's/[[:space:]][[:space:]]*/ /g' -e 's/^ //' -e 's/ $//' -e '/^[#!]/d' -e '/^$/d' -- "$1"; }
has_read() {
  pid=$(systemctl show -p MainPID --value keepalived.service)
  [ "$pid" -gt 0 ] || return 1
  # What keepalived resolves while it reads cannot be compared: includes, conditions, variables, comments behind a line.
  lines "$1" | grep -q -e '^include' -e '[#!@$~]' && return 0
  open=$(find "/proc/$pid/fd" -lname '*/keepalived/consolidated_configuration*' | sed 1q)
  [ -z "$open" ] || [ "$(lines "$1")" = "$(lines "$open")" ]
}`;

/** Prints `differs` when the keepalived that runs last read another text than is on disk; disturbs nobody. */
export function readsOther(file: string): Script {
  return sh`[ -e ${file} ] || exit 0
${HAS_READ}
has_read ${file} || [ "$pid" -eq 0 ] || echo differs`;
}

/**
 * Exits 0 once the running keepalived works with the configuration file as it is on disk.
 *
 * `systemctl reload` only sends a signal, and succeeds when nobody reads anything. Two things tell (2.2.7): the
 * parent keeps the text it last read in a memory file, and its VRRP process, which gets the signal to reload
 * first, dumps what it works with to /tmp/keepalived.data. Takes 50 ms.
 */
export function worksWith(file: string, options: KeepalivedVars): Script {
  return sh`${HAS_READ}
has_read ${file} || exit 1

dump=/proc/$pid/root/tmp/keepalived.data
forget() { rm -f -- "$dump" "/proc/$pid/root/tmp/keepalived_parent.data"; }
shows() { for line; do grep -qxF -e "$line" -- "$dump" || return 1; done; }
# A reload changes no state, so it is told to nobody: what was never written down is written now.
tell_states() {
  for name in ${options.vips.map((_, index) => `VI_${index + 1}`)}; do
    state=/run/ha-track/$name.state
    [ ! -f "$state" ] || [ -s "$state" ] ||
      sed -n "/^ VRRP Instance = $name\$/,/^   State = / s/^   State = \\([MBF]\\)/\\1/p" "$dump" >"$state"
  done
}
trap forget EXIT
forget
kill -s USR1 "$pid"
for _ in 1 2 3 4 5 6 7 8 9 10; do
  sleep 0.02
  [ -s "$dump" ] && shows ${shown(options)} && { tell_states; exit 0; }
done
exit 1`;
}

/** Lines of the dump; numbers only where no raw line may say another one. */
function shown({ vips, version, raw_global, raw_instance }: KeepalivedVars): readonly string[] {
  const names = vips.map((_, index) => ` VRRP Instance = VI_${index + 1}`);
  const ids = vips.map((vip) => `   Virtual Router ID = ${vip.virtual_router_id}`);
  return raw_global.length + raw_instance.length > 0
    ? names
    : [...names, ...ids, `   VRRP Version = ${version}`];
}
