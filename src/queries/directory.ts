import { pathOnHost } from '../core/host-argument.ts';
import { ProbeIncomplete, refuseFailed, type Family, type Query } from '../core/query.ts';
import { sh } from '../core/script.ts';

/** Decoding puts it where bytes are none of UTF-8: whoever went by such a name would mean another file. */
const REPLACED = '\ufffd';

/** All directories of a host in one run of `find`. */
const directories: Family<readonly string[]> = {
  name: 'directory',
  scripts: (paths) => [sh`find ${paths} -mindepth 1 -maxdepth 1 ! -type d -printf '%h\\0%f\\0'`],
  parse([frame], paths) {
    refuseFailed('find', frame, 1);
    const names = new Map<string, string[]>(paths.map((path) => [path, []]));
    const fields = frame?.stdout.toString('utf8').split('\0') ?? [];
    for (let start = 0; start + 1 < fields.length; start += 2) {
      const [directory = '', name = ''] = fields.slice(start);
      if (name.includes(REPLACED)) {
        throw new ProbeIncomplete(`${directory} holds a file whose name cannot be read as UTF-8`);
      }
      names.get(directory)?.push(name);
    }
    for (const list of names.values()) {
      list.sort();
    }
    return names;
  },
};

/**
 * Names of what stands directly in a directory, directories left out; empty when it does not exist.
 *
 * @throws TypeError it is no absolute path
 */
export function entriesOf(path: string): Query<readonly string[]> {
  return { family: directories, key: pathOnHost(path) };
}
