/** One file, directory or link of a host as it was at one moment. */
export interface Entry {
  readonly type: string;
  readonly mode: string;
  readonly owner: string;
  readonly linksTo: string;
  /** Of regular files. */
  readonly digest: string;
  readonly modified: string;
  readonly changed: string;
}

export type Snapshot = ReadonlyMap<string, Entry>;

/** Everywhere the shipped roles may write, and where packages, apt and systemd keep what they know; homes of who asks. */
const TREES = '/etc /usr/local /var/lib /var/cache /var/www /root /home /run/ha-track /run/systemd/system';

const FIELDS = 8;

/**
 * Prints every file below TREES for `parseSnapshot`, without digests.
 *
 * Not atime: a check reads, and that a file was read is what atime records. Hosts mount with relatime, and nothing acts on it.
 */
export const METADATA = metadataOf(TREES);

/** Every file system that a host writes to; what the kernel makes up is in none of them. */
export const EVERYTHING = metadataOf('/ /dev /dev/shm /run /run/lock /tmp');

function metadataOf(trees: string): string {
  return `find ${trees} -xdev -printf '%p\\0%y\\0%m\\0%U:%G\\0%s\\0%T@\\0%C@\\0%l\\0' 2>/dev/null || :
printf 'digests\\0'`;
}

/** The digests as well. Whether anything was written METADATA tells by itself: no bytes change without their ctime. */
export const SNAPSHOT = `${METADATA}
find ${TREES} -xdev -type f -exec sha256sum -z {} + 2>/dev/null || :`;

/** Every file as it was printed: type, mode, owner, digest, mtime and ctime. */
export function parseSnapshot(printed: string): Snapshot {
  const [metadata = '', sums = ''] = printed.split('digests\0');
  const digests = new Map(
    sums
      .split('\0')
      .map((line) => /^(\w{64}) [ *](.*)$/s.exec(line))
      .map((match) => [match?.[2] ?? '', match?.[1] ?? ''] as const),
  );
  const fields = metadata.split('\0');
  const entries = new Map<string, Entry>();
  for (let start = 0; start + FIELDS < fields.length; start += FIELDS) {
    const record = fields.slice(start, start + FIELDS);
    const [path = '', type = '', mode = '', owner = '', , modified = '', changed = '', linksTo = ''] = record;
    entries.set(path, { type, mode, owner, linksTo, digest: digests.get(path) ?? '', modified, changed });
  }
  return entries;
}

/** What may differ between two snapshots that count as equal. */
export type Aspect = keyof Entry;

/** Paths that are not the same in both, sorted; `ignored` aspects do not count. */
export function differingPaths(
  before: Snapshot,
  after: Snapshot,
  ignored: (path: string, entry: Entry) => readonly Aspect[] = () => [],
): readonly string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths
    .filter((path) => {
      const [was, is] = [before.get(path), after.get(path)];
      if (was === undefined || is === undefined) {
        return true;
      }
      const skipped = ignored(path, is);
      return (Object.keys(is) as Aspect[]).some(
        (aspect) => !skipped.includes(aspect) && was[aspect] !== is[aspect],
      );
    })
    .toSorted();
}
