import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageDir } from '../load/project.ts';

/** The version of this program, as its package says: `0.1.0`. */
export async function programVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return version;
}
