import { onHost, type HostName } from '../../lab/support/pair.ts';

/** Where times are kept that are compared with others. */
const FILES =
  '/etc/nginx /etc/haproxy /etc/keepalived /etc/systemd/system /var/lib/run-playbook /run/ha-track';

/** Libfaketime from the lab's own packages, before every command of the login user's sudo, with no effect as yet. */
export function prepareClock(name: string, host: HostName): Promise<string> {
  return onHost(
    name,
    host,
    `DEBIAN_FRONTEND=noninteractive apt-get install -y -q libfaketime >/dev/null 2>&1
echo '+0' >/etc/faketimerc
echo "LD_PRELOAD=$(dpkg -L libfaketime | grep -m 1 MT.so)
DONT_FAKE_MONOTONIC=1" >/etc/faketime
echo 'Defaults env_file=/etc/faketime' >/etc/sudoers.d/faketime`,
  );
}

/**
 * The host's clock jumps, as far as any command sees it that starts from then on in a run, in a script that goes on
 * too: a lab's hosts have the clock of this machine, and no other. Monotonic clocks go on, as they do on a host whose clock jumps.
 *
 * The kernel goes on giving files this machine's time, so those that are there already are moved: they are as much
 * older, or from the future, as where the clock jumped.
 */
export async function jumpClock(name: string, host: HostName, hours: 1 | -1): Promise<void> {
  const said = await onHost(
    name,
    host,
    `find ${FILES} -xdev \\( -type f -o -type l \\) ! -newer /etc/faketime 2>/dev/null | while read -r file; do
  # It may have gone meanwhile: a run is at work.
  touch -h -d "@$(($(stat -c %Y "$file" || date +%s) - ${hours * 3600}))" -c "$file"
done
echo '${hours > 0 ? '+' : '-'}1h' >/etc/faketimerc
echo $(($(su deploy -c 'sudo -n date +%s') - $(date +%s)))`,
  );
  if (Math.round(Number(said) / 60) !== hours * 60) {
    throw new Error(`${host}: its clock moved by ${said.trim()} s`);
  }
}

/** The clock is this machine's again, for good. */
export function mendClock(name: string, host: HostName): Promise<string> {
  return onHost(
    name,
    host,
    `rm -f /etc/sudoers.d/faketime /etc/faketime /etc/faketimerc
DEBIAN_FRONTEND=noninteractive apt-get purge -y -q libfaketime >/dev/null 2>&1`,
  );
}
