import { ProbeIncomplete, type Family, type Query } from '../core/query.ts';
import { sh } from '../core/script.ts';

/** What a unit is made of, and how old the process is that runs. */
export interface UnitFiles {
  /** SHA-256 by path of what systemd reads for it: its own file, drop-ins, environment files. */
  readonly digests: ReadonlyMap<string, string>;
  /** Since its main process was started; undefined when none runs. */
  readonly startedMsAgo: number | undefined;
  /** The program on disk is not the one that runs. */
  readonly isProgramReplaced: boolean;
}

const PROPERTIES = 'FragmentPath,DropInPaths,EnvironmentFiles,MainPID,ExecMainStartTimestampMonotonic';

/** All units of a host in one `systemctl show`, and their files in one `sha256sum`. */
const unitFiles: Family<UnitFiles> = {
  name: 'unit files',
  scripts: (names) => [
    sh`shown=$(systemctl show --no-pager -p ${PROPERTIES} -- ${names}) || exit 1
cat /proc/uptime
printf '%s\\n' "$shown"
echo
printf '%s\\n' "$shown" | sed -n 's/^MainPID=//p' | while read -r pid; do
  echo "program $pid $(readlink "/proc/$pid/exe")"
done
printf '%s\\n' "$shown" | sed -n -e 's/^FragmentPath=//p' -e 's/^DropInPaths=//p' -e 's/^EnvironmentFiles=\\([^ ]*\\).*/\\1/p' |
  tr ' ' '\\n' | sort -u | while read -r file; do
    [ ! -f "$file" ] || printf '%s\\0' "$file"
  done | xargs -0 -r sha256sum --`,
  ],
  parse([frame], names) {
    const text = frame?.stdout.toString('utf8') ?? '';
    const [uptime = ''] = text.split('\n', 1);
    const blocks = text.slice(uptime.length + 1).split('\n\n');
    const rest = blocks.pop() ?? '';
    if (frame?.exit !== 0 || blocks.length !== names.length) {
      throw new ProbeIncomplete(`the files of ${blocks.length} units came, ${names.length} were asked for`);
    }
    const nowMs = Number(uptime.split(' ')[0]) * 1000;
    return new Map(names.map((name, index) => [name, parseUnit(blocks[index] ?? '', rest, nowMs)]));
  },
};

/** What a unit is made of. @param name with its suffix: `nginx.service` */
export function unitFilesOf(name: string): Query<UnitFiles> {
  return { family: unitFiles, key: name };
}

/** @param rest programs by process, and digests of the files of all units */
function parseUnit(block: string, rest: string, nowMs: number): UnitFiles {
  const value = (name: string) =>
    [...block.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, text = '']) => text);
  const [pid = '0'] = value('MainPID');
  const [startedUs] = value('ExecMainStartTimestampMonotonic');
  const paths = new Set([
    ...value('FragmentPath'),
    ...value('DropInPaths').flatMap((list) => list.split(' ')),
    ...value('EnvironmentFiles').map((entry) => entry.replace(/ .*/, '')),
  ]);
  const digests = [...rest.matchAll(/^([0-9a-f]{64}) {2}(.*)$/gm)];
  return {
    digests: new Map(
      digests.flatMap(([, digest = '', path = '']) => (paths.has(path) ? [[path, digest] as const] : [])),
    ),
    startedMsAgo: pid === '0' ? undefined : nowMs - Number(startedUs) / 1000,
    isProgramReplaced: new RegExp(`^program ${pid} .* \\(deleted\\)$`, 'm').test(rest),
  };
}
