import { HOSTS, onHost } from '../../lab/support/pair.ts';
import { runIt } from './controller.ts';

/** Everything that a run must not leave on a host, a line each. */
const LEFTOVERS = `
[ ! -e /run/run-playbook.lock ] || flock -n /run/run-playbook.lock true || echo 'locked'
for path in /var/lib/run-playbook/undo /etc/systemd/system/run-playbook-undo-*; do
  [ ! -e "$path" ] || echo "$path"
done
systemctl list-units --all --plain --no-legend 'run-playbook-*' | cat
find /etc /run /usr/local /var/www /var/lib/run-playbook -xdev \\( -name '*.run-playbook' -o -name '*.run-playbook.*' \\) 2>/dev/null || :
find /etc /run/ha-track /var/lib/run-playbook -name '*.new'
find /run/systemd/system -lname /dev/null
`;

/** What is wrong after a fault: the next run has to converge, the one after it has nothing to do, and nothing is left. */
export async function aftermath(
  name: string,
  playbook: string,
  options: readonly string[] = [],
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const next = await runIt(name, playbook, { options });
  if (next.exit !== 0) {
    wrong.push(
      `the next run ended with ${next.exit}: ${JSON.stringify(next.document?.errors ?? next.stderr)}`,
    );
  }
  const again = await runIt(name, playbook, { options });
  const changes = Object.entries(again.document?.hosts ?? {}).flatMap(([host, { changes: planned = [] }]) =>
    planned.map(({ id, summary }) => `${host} ${id}: ${summary}`),
  );
  if (again.exit !== 0 || changes.length > 0) {
    wrong.push(`the run after it ended with ${again.exit} and changed: ${changes.join(', ')}`);
  }
  for (const host of HOSTS) {
    const left = await onHost(name, host, LEFTOVERS);
    wrong.push(...left.split('\n').flatMap((line) => (line === '' ? [] : [`${host} still has ${line}`])));
  }
  return wrong;
}
