import { fingerprint, type Fingerprint } from '../../lab/support/fingerprint.ts';
import { HOSTS, onHost, type HostName } from '../../lab/support/pair.ts';

/** Everything that a run must not leave on a host, a line each. */
const LEFTOVERS = `
[ ! -e /run/run-playbook.lock ] || flock -n /run/run-playbook.lock true || echo 'its lock'
find /var/lib/run-playbook -path '*/undo*' -prune
find /etc/systemd -name 'run-playbook-undo-*'
systemctl list-units --all --plain --no-legend 'run-playbook-*' | cat
find /etc /run /usr/local /var/www /var/lib/run-playbook -xdev \\( -name '*.run-playbook' -o -name '*.run-playbook.*' \\)
find /etc /run/ha-track /var/lib/run-playbook -name '*.new'
find /run/systemd/system -lname /dev/null
`;

/** The tool's own: what is there of it is a leftover or not, whatever was there before. */
const OWN = /^\/var\/lib\/run-playbook\/($|loaded\/$|undo\/)|run-playbook-undo-/;

/** How a host stands: what there is, and what of it an unfinished run has left. */
export interface Standing {
  readonly is: Fingerprint;
  readonly leftovers: readonly string[];
}

/** How both hosts stand. */
export async function standing(name: string): Promise<Readonly<Record<HostName, Standing>>> {
  const [svr1, svr2] = await Promise.all(
    HOSTS.map(async (host) => {
      const [all, leftovers] = await Promise.all([fingerprint(name, host), leftoversOn(name, host)]);
      return { is: new Map([...all].filter(([path]) => !OWN.test(path))), leftovers };
    }),
  );
  return { svr1: svr1 as Standing, svr2: svr2 as Standing };
}

/** What a run left on a host. */
export async function leftoversOn(name: string, host: HostName): Promise<readonly string[]> {
  const left = await onHost(name, host, `exec 2>/dev/null; set +e; ${LEFTOVERS}`);
  return left.split('\n').filter(Boolean);
}
