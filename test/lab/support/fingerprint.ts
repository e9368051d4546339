import { onHost } from './pair.ts';

/** Never the same on two hosts, or twice on one. */
const INCIDENTAL = [
  '/etc/machine-id',
  '/etc/ld.so.cache',
  '/etc/.pwd.lock',
  '/var/lib/run-playbook/audit.key',
  // The one before the last, as useradd and userdel keep it.
  ...['passwd', 'group', 'shadow', 'gshadow'].map((name) => `/etc/${name}-`),
];

/** What keepalived last said of itself: which of the two a host is may differ, and so may what it has ever checked. */
const SAID = /^\/run\/ha-track\/\w+\.state/;

/** What there is on a host, by name. */
export type Fingerprint = ReadonlyMap<string, string>;

const SCRIPT = `
files() { find /etc /usr/local /var/www /var/lib/run-playbook /run/ha-track /run/systemd/system -xdev "$@" 2>/dev/null || :; }
files -type f -printf '%p\\t%m %u:%g\\n'
files -type f -exec sha256sum {} + | sed -E 's/^(.{12})[^ ]* .(.*)/\\2 content\\t\\1/'
files -type l -printf '%p\\t-> %l\\n'
files -type d -printf '%p/\\t%m %u:%g\\n'
for unit in nginx keepalived haproxy; do
  systemctl show -p LoadState,ActiveState,SubState,UnitFileState,DropInPaths,NeedDaemonReload,Restart,ExecStop,ExecStopPost "$unit" |
    sed -e 's/; start_time=.*//' -e "s/^/$unit /" -e 's/=/\\t/'
done
pid=$(systemctl show -P MainPID keepalived)
rm -f /tmp/keepalived.data
if [ "$pid" = 0 ]; then
  : >/tmp/keepalived.data
else
  kill -s USR1 "$pid"
  until grep -q '^-*< Interfaces' /tmp/keepalived.data 2>/dev/null; do sleep 0.02; done
fi
printf 'keepalived works with\\t%s\\n' "$(sed -e '/^-*< Interfaces/,$d' -e 's/ global set$/ global/' /tmp/keepalived.data |
  grep -Ev '^ +(State|Wantstate|Last transition|Read timeout|Master|fd_in|Result|Init state|Status)' | tr -s ' \\n' ' ')"
rm -f /tmp/keepalived.data /tmp/keepalived_parent.data
printf 'nginx serves\\t%s\\n' "$(timeout 2 bash -c 'exec 3<>/dev/tcp/127.0.0.1/80 &&
  printf "GET /generation HTTP/1.0\\r\\nHost: ha-health.internal\\r\\n\\r\\n" >&3 && cat <&3' 2>/dev/null | tail -n 1)"
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
    return [path, value] as const;
  });
  return new Map(
    entries.filter(([path]) => !INCIDENTAL.includes(path.replace(/ content$/, '')) && !SAID.test(path)),
  );
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
