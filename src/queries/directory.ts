import { refuseFailed, type Family, type Query } from '../core/query.ts';
import { sh } from '../core/script.ts';

/** All directories of a host in one run of `find`. */
const directories: Family<readonly string[]> = {
  name: 'directory',
  scripts: (paths) => [sh`find ${paths} -mindepth 1 -maxdepth 1 ! -type d -printf '%h\t%f\\0'`],
  parse([frame], paths) {
    refuseFailed('find', frame, 1);
    const names = new Map<string, string[]>(paths.map((path) => [path, []]));
    for (const record of frame?.stdout.toString('utf8').split('\0').slice(0, -1) ?? []) {
      const [directory = '', ...name] = record.split('\t');
      names.get(directory)?.push(name.join('\t'));
    }
    for (const list of names.values()) {
      list.sort();
    }
    return names;
  },
};

/** Names of what stands directly in a directory, directories left out; empty when it does not exist. */
export function entriesOf(path: string): Query<readonly string[]> {
  return { family: directories, key: path };
}
