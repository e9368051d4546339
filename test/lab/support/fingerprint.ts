import { onHost } from './pair.ts';

/** Never the same on two hosts, or twice on one. */
const INCIDENTAL = ['/etc/machine-id', '/etc/ld.so.cache', '/etc/.pwd.lock'];

const SCRIPT = `
files() { find /etc /usr/local /var/www /var/lib/run-playbook /run/ha-track /run/systemd/system -xdev "$@"; }
files -type f -printf '%p\\t%m %u:%g ' -exec sh -c 'sha256sum <"$1" | cut -c 1-12' sh {} \\;
files -type l -printf '%p\\t-> %l\\n'
files -type d -printf '%p/\\t%m %u:%g\\n'
for unit in nginx keepalived; do
  for property in LoadState ActiveState SubState UnitFileState DropInPaths NeedDaemonReload Restart ExecStop ExecStopPost; do
    printf '%s %s\\t%s\\n' "$unit" "$property" "$(systemctl show -P "$property" "$unit" | sed 's/; start_time=.*//')"
  done
done
printf 'packages\\t%s\\n' "$(dpkg-query -W -f='\${Package}=\${Version},\${db:Status-Abbrev} ')"
printf 'listeners\\t%s\\n' "$(ss -Hltn | awk '{ print $4 }' | sort | tr '\\n' ' ')"
`;

/** Everything phase 1 may have to do with on a host: files with mode, owner and digest, units, packages, listeners. */
export async function fingerprint(name: string, host: string): Promise<ReadonlyMap<string, string>> {
  const lines = (await onHost(name, host, SCRIPT)).trimEnd().split('\n');
  const entries = lines.map((line) => {
    const tab = line.indexOf('\t');
    return [line.slice(0, tab), line.slice(tab + 1)] as const;
  });
  return new Map(entries.filter(([path]) => !INCIDENTAL.includes(path)));
}
