import { sh, type Script } from 'run-playbook';
import type { KeepalivedVars } from './vars.ts';

/**
 * Exits 0 once the running keepalived works with the configuration file as it is on disk.
 *
 * `systemctl reload` only sends a signal, and succeeds when nobody reads anything. Two things tell (2.2.7): the
 * parent keeps the text it last read in a memory file, and its VRRP process, which gets the signal to reload
 * first, dumps what it works with to /tmp/keepalived.data. Takes 50 ms.
 */
export function worksWith(file: string, options: KeepalivedVars): Script {
  return sh`conf=${file}
pid=$(systemctl show -p MainPID --value keepalived.service)
[ "$pid" -gt 0 ] || exit 1

lines() { sed -e 's/[[:space:]][[:space:]]*/ /g' -e 's/^ //' -e 's/ $//' -e '/^[#!]/d' -e '/^$/d' -- "$1"; }
# What keepalived resolves while it reads cannot be compared: includes, conditions, variables, comments behind a line.
if ! lines "$conf" | grep -q -e '^include' -e '[#!@$~]'; then
  for open in "/proc/$pid/fd/"*; do
    case $(readlink -- "$open") in
      */keepalived/consolidated_configuration*) [ "$(lines "$conf")" = "$(lines "$open")" ] || exit 1 ;;
    esac
  done
fi

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
