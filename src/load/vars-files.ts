import { readdir, readFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import type { Findings } from './findings.ts';
import { shownPath } from './project.ts';
import { SourceText } from './source-text.ts';
import type { MapNode } from './variables.ts';
import { parseYamlMap } from './yaml.ts';

/** Variables by the group or host they are for, in the order read; a later one wins. */
export type VarsByName = ReadonlyMap<string, readonly MapNode[]>;

/**
 * The variables in `group_vars/` or `host_vars/`: `NAME.yml`, `NAME.yaml`, `NAME.json`, `NAME`,
 * or any such files in a folder `NAME/`.
 *
 * Files of groups and hosts that an inventory does not have are not an error: inventories share the folder.
 */
export async function readVarsFolder(folder: string, cwd: string, findings: Findings): Promise<VarsByName> {
  const found = new Map<string, MapNode[]>();
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    const name = entry.isDirectory() ? entry.name : parse(entry.name).name;
    const files = entry.isDirectory() ? await filesBelow(path) : [path];
    for (const file of files) {
      const source = new SourceText(shownPath(file, cwd), await readFile(file, 'utf8'));
      const nodes = found.get(name) ?? [];
      found.set(name, [...nodes, await parseYamlMap(source, findings)]);
    }
  }
  return found;
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    files.push(...(entry.isDirectory() ? await filesBelow(path) : [path]));
  }
  return files;
}

/** What Ansible would read as well: no hidden files, no backups; in a stable order. */
async function entriesOf(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return [];
    }
    throw error;
  });
  return entries
    .filter(({ name }) => !name.startsWith('.') && !name.endsWith('~'))
    .filter((entry) => entry.isDirectory() || ['', '.yml', '.yaml', '.json'].includes(parse(entry.name).ext))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
