import { sh, type Script } from 'run-playbook';
import type { Context } from './cluster.ts';
import { wantedSockets } from './sockets.ts';

/**
 * Exits 0 when HAProxy would start with the staged files.
 *
 * `haproxy -c` binds nothing, and a reload that cannot bind leaves the process of before in place: so a port
 * that somebody else has is told here. With `-q` it would not say what is wrong (2.6.12).
 */
export function validation(context: Context): Script {
  return sh`conf=$RP_ROOT/haproxy.cfg
# Where the stage cannot be shown in its place, certificates and maps are read from it.
if [ "$RP_ROOT" != /etc/haproxy ]; then
  sed "s#/etc/haproxy/\\(certs\\|maps\\)/#$RP_ROOT/\\1/#g" "$conf" >"$RP_ROOT/staged.cfg"
  conf=$RP_ROOT/staged.cfg
fi
haproxy -c -f "$conf" || exit
${portsAreFree(sockets(context))}`;
}

/** The sockets that take IPv4: `*:8000`, and `[::]:8000` for IPv6 as well. */
function sockets(context: Context): readonly string[] {
  return wantedSockets(context)
    .filter(({ v6only }) => !v6only)
    .map(({ address, port }) => `${address}:${port}`);
}

function portsAreFree(wanted: readonly string[]): Script {
  return sh`ss -Hltnp | awk -v wanted=${wanted.join(' ')} '
  BEGIN { count = split(wanted, sockets) }
  {
    name = $6; sub(/^users:[(]*"/, "", name); sub(/".*/, "", name)
    if (name == "" || name == "haproxy") next
    taken = $4; sub(/^0[.]0[.]0[.]0:/, "*:", taken)
    port = taken; sub(/.*:/, "", port)
    for (i = 1; i <= count; i++) {
      any = sockets[i] == "[::]:" port || (sockets[i] == "*:" port && taken !~ /^[[]/)
      if (any || sockets[i] == taken || (taken == "*:" port && sockets[i] ~ ":" port "$")) {
        print name " listens on " $4 ", HAProxy is to listen on " sockets[i]
        found = 1
      }
    }
  }
  END { exit found }' >&2`;
}
