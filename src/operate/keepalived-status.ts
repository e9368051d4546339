import { rawScript } from '../core/script.ts';
import type { VrrpStatus } from '../core/status.ts';
import { outputOf, type Output } from '../queries/output.ts';

/** What keepalived is configured for, and what it and the checks last said. */
export interface KeepalivedStatus {
  readonly vips: readonly string[];
  readonly vrrp: readonly VrrpStatus[];
  readonly heldBack: readonly string[];
}

/** Names, numbers and addresses only: the configuration may hold a password, and none of that is printed. */
export const keepalivedQuery = outputOf(
  rawScript(String.raw`sed -n \
  -e 's/^[[:space:]]*vrrp_instance[[:space:]]\{1,\}\([^[:space:]{]*\).*/instance \1/p' \
  -e 's/^[[:space:]]*priority[[:space:]]\{1,\}\([0-9]*\).*/priority \1/p' \
  -e 's/^[[:space:]]*script[[:space:]]\{1,\}"\/bin\/bash [^" ]*\/\([^/" ]*\)".*/script \1/p' \
  -e 's/^[[:space:]]*file[[:space:]]*"\{0,1\}\/run\/ha-track\/\([^"[:space:]]*\).*/track \1/p' \
  -e '/^[[:space:]]*virtual_ipaddress/,/}/s/^[[:space:]]*\([0-9a-fA-F]*[.:][0-9a-fA-F.:]*\).*/vip \1/p' \
  /etc/keepalived/keepalived.conf
cd /run/ha-track && for file in *; do
  [ -f "$file" ] || continue
  line=
  IFS= read -r line <"$file"
  printf 'says %s %s\n' "$file" "$line"
done`),
);

/** What the script above printed. */
export function keepalivedStatus({ stdout }: Output): KeepalivedStatus {
  const lines = stdout.split('\n').map((line) => line.split(' '));
  const named = (kind: string) =>
    lines.filter(([own]) => own === kind).flatMap(([, name]) => (name === undefined ? [] : [name]));
  const says = new Map(
    lines.filter(([kind]) => kind === 'says').map(([, name = '', ...text]) => [name, text.join(' ')]),
  );
  const priorities = prioritiesIn(lines);
  const instances = [...new Set(named('instance'))];
  const watched = [
    ...named('track')
      .filter((name) => says.get(name) !== undefined && says.get(name) !== '0')
      .map((name) => `/run/ha-track/${name} is not 0`),
    ...named('script')
      .filter((name) => says.get(`${name}.state`) === 'unhealthy')
      .map((name) => `${name} says unhealthy`),
  ];
  const faulty = instances.filter((instance) => says.get(`${instance}.state`) === 'FAULT');
  return {
    vips: [...new Set(named('vip'))],
    vrrp: instances.map((instance) => ({
      instance,
      state: says.get(`${instance}.state`) ?? '',
      ...(priorities.has(instance) && { priority: priorities.get(instance) }),
    })),
    heldBack: watched.length > 0 ? watched : faulty.map((instance) => `${instance} is in FAULT`),
  };
}

/** Each instance's priority stands behind its name. */
function prioritiesIn(lines: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const priorities = new Map<string, number>();
  let instance = '';
  for (const [kind, word = ''] of lines) {
    if (kind === 'instance') {
      instance = word;
    } else if (kind === 'priority') {
      priorities.set(instance, Number(word));
    }
  }
  return priorities;
}
