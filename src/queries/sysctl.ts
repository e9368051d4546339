import { sysctlName } from '../core/host-argument.ts';
import type { Family, Query } from '../core/query.ts';
import { sh } from '../core/script.ts';

/** With `cat`: dash's `read` takes one byte at a time, and most of /proc/sys gives nothing after the first. */
const sysctls: Family<string | undefined> = {
  name: 'sysctl',
  scripts: (names) => [
    sh`for name in ${names}; do
  value=$(cat "/proc/sys/$(printf %s "$name" | tr . /)") && printf '%s\t%s\n' "$name" "$value"
done; :`,
  ],
  parse([frame], names) {
    const values = new Map(
      (frame?.stdout.toString('utf8') ?? '').split('\n').map((line) => {
        const tab = line.indexOf('\t');
        return [line.slice(0, tab), oneBlank(line.slice(tab + 1))] as const;
      }),
    );
    return new Map(names.map((name) => [name, values.get(name)]));
  },
};

/** The kernel parts several numbers by tabs, people part them by blanks. */
export function oneBlank(value: string): string {
  return value.trim().replaceAll(/\s+/g, ' ');
}

/**
 * The running value of a kernel setting, its parts parted by one blank; `undefined` when the kernel has none of that name.
 *
 * @throws TypeError it is no name of a kernel setting
 */
export function sysctlNamed(name: string): Query<string | undefined> {
  return { family: sysctls, key: sysctlName(name) };
}
