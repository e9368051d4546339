import type { Query, Seen } from '../core/query.ts';
import { rawScript } from '../core/script.ts';
import { outputOf } from '../queries/output.ts';
import { oneBlank } from '../queries/sysctl.ts';
import type { Member } from '../stages/assemble.ts';
import { finding, type Sighting } from './findings.ts';

/** Every line of sysctl.d(5) in the order in which it counts at boot, behind the name of its file. */
const bootLines = outputOf(
  rawScript(
    String.raw`systemd-analyze cat-config sysctl.d --no-pager | sed -n -e '/^# \//p' -e '/^[[:space:]]*[^#;[:space:]]/p'`,
  ),
);

export function bootQueries(member: Member): readonly Query<unknown>[] {
  return settingsOf(member).length === 0 ? [] : [bootLines];
}

/** Kernel settings that another file sets after ours: they are as declared until the next boot. */
export function bootFindings(member: Member, seen: Seen): readonly Sighting[] {
  return settingsOf(member).flatMap(({ name, role }) => {
    const own = `/etc/sysctl.d/90-run-playbook-${name}.conf`;
    const lines = linesFor(name, seen.answer(bootLines).stdout);
    const [declared, last] = [lines.find(({ path }) => path === own), lines.at(-1)];
    return declared === undefined || last === undefined || last.value === declared.value
      ? []
      : [
          finding({
            host: member.host,
            role,
            item: `${name} (boot)`,
            class: 'sysctl',
            severity: 'drift',
            found: `${last.value}, by ${last.path}`,
            expected: `${declared.value}, by ${own}`,
            hint: `take the line out of ${last.path}, which is read later`,
          }),
        ];
  });
}

function settingsOf({ declared }: Member) {
  return declared
    .filter(({ kind }) => kind === 'sysctl')
    .map(({ id, role }) => ({ name: id.replace(/^sysctl /, ''), role }));
}

function linesFor(name: string, text: string) {
  let path = '';
  return text.split('\n').flatMap((line) => {
    path = /^# (\/\S+)$/.exec(line)?.[1] ?? path;
    const [, setting = '', value = ''] = /^\s*-?([^#;=\s]+)\s*=\s*(.*)$/.exec(line) ?? [];
    return setting.replaceAll('/', '.') === name ? [{ path, value: oneBlank(value) }] : [];
  });
}
