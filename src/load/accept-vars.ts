import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { withYamlValues, type YamlValue } from './yaml-edit.ts';

/** One file of variables before and after. */
export interface VarsFileChange {
  readonly path: string;
  /** Undefined where there is none yet. */
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * The file of one host's own variables, which stand above its groups', with these values in it; what else stands
 * there stays, comments too.
 *
 * @param inventory its file
 */
export async function withHostVars(
  inventory: string,
  host: string,
  values: readonly YamlValue[],
): Promise<VarsFileChange> {
  const path = hostVarsFile(resolve(dirname(inventory), 'host_vars'), host);
  const before = existsSync(path) ? await readFile(path, 'utf8') : undefined;
  return { path, before, after: await withYamlValues(before ?? '', values) };
}

/** The one there is, else a new one; in a folder of several the last, which wins. */
function hostVarsFile(folder: string, host: string): string {
  const own = join(folder, host);
  if (existsSync(own)) {
    return statSync(own).isDirectory() ? join(own, 'zz-accepted.yml') : own;
  }
  const found = ['.yml', '.yaml'].map((ending) => `${own}${ending}`).find((path) => existsSync(path));
  return found ?? `${own}.yml`;
}
