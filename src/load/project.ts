import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, extname, isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Whether this program runs from its TypeScript sources (tests) rather than from `dist`. */
export const runsFromSource = extname(import.meta.url) === '.ts';

/** The folder of this very package, whether it runs from `src` or from `dist/src`. */
export const packageDir = fileURLToPath(
  new URL(runsFromSource ? '../..' : '../../..', import.meta.url),
).replace(/\/$/, '');

/** The nearest folder from `cwd` upwards that holds `inventory/` or `playbooks/`, else `cwd`. */
export function findProject(cwd: string): string {
  for (let dir = cwd; ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'inventory')) || existsSync(join(dir, 'playbooks'))) {
      return dir;
    }
    if (dir === dirname(dir)) {
      return cwd;
    }
  }
}

/** The project's `inventory/hosts.yml`, else the one shipped: the built-in lab. */
export async function defaultInventory(projectDir: string): Promise<string> {
  const own = join(projectDir, 'inventory', 'hosts.yml');
  try {
    await stat(own);
  } catch (error) {
    // Only for want of one: an inventory that cannot be read must not turn into the lab's without a word.
    if (isMissing(error)) {
      return join(packageDir, 'inventory', 'hosts.yml');
    }
  }
  return own;
}

/** Whether an error of the file system says that there is nothing at a path. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** How messages name a file: relative to `cwd` when inside it. */
export function shownPath(path: string, cwd: string): string {
  const inside = relative(cwd, path);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? path : inside;
}

/** `path` with a leading `~` replaced by the home folder, as ssh does in its options. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}
