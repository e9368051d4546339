import { onHost } from './pair.ts';

/** Never the same on two hosts, or twice on one. */
const INCIDENTAL = [
  '/etc/machine-id',
  '/etc/ld.so.cache',
  '/etc/.pwd.lock',
  '/var/lib/run-playbook/audit.key',
];

/** Says MASTER or BACKUP: which of the two a host is may differ. */
const ROLE_OF_HOST = /^\/run\/ha-track\/VI_\d+\.state$/;

/** What there is on a host, by name. */
export type Fingerprint = ReadonlyMap<string, string>;

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
pid=$(systemctl show -P MainPID keepalived)
rm -f /tmp/keepalived.data
kill -s USR1 "$pid"
until grep -q '^-*< Interfaces' /tmp/keepalived.data 2>/dev/null; do sleep 0.02; done
printf 'keepalived works with\\t%s\\n' "$(sed -e '/^-*< Interfaces/,$d' -e 's/ global set$/ global/' /tmp/keepalived.data |
  grep -Ev '^ +(State|Wantstate|Last transition|Read timeout|Master|fd_in|Result|Init state|Status)' | tr -s ' \\n' ' ')"
rm -f /tmp/keepalived.data /tmp/keepalived_parent.data
printf 'packages\\t%s\\n' "$(dpkg-query -W -f='\${Package}=\${Version},\${db:Status-Abbrev} ')"
printf 'listeners\\t%s\\n' "$(ss -Hltn | awk '{ print $4 }' | sort | tr '\\n' ' ')"
`;

/**
 * Everything phase 1 may have to do with on a host: files with mode, owner and digest, units, packages,
 * listeners, what keepalived works with.
 */
export async function fingerprint(name: string, host: string): Promise<Fingerprint> {
  const lines = (await onHost(name, host, SCRIPT)).trimEnd().split('\n');
  const entries = lines.map((line) => {
    const tab = line.indexOf('\t');
    const [path, value] = [line.slice(0, tab), line.slice(tab + 1)];
    return [path, ROLE_OF_HOST.test(path) ? value.replace(/ \S+$/, '') : value] as const;
  });
  return new Map(entries.filter(([path]) => !INCIDENTAL.includes(path)));
}

/** What is not the same, a line each. */
export function differences(before: Fingerprint = new Map(), now: Fingerprint): readonly string[] {
  return [...new Set([...before.keys(), ...now.keys()])].toSorted().flatMap((name) => {
    const [was, is] = [before.get(name), now.get(name)];
    if (was === is) {
      return [];
    }
    return was === undefined ? [`only now: ${name}`] : [`${name}: ${was} -> ${is ?? 'gone'}`];
  });
}
