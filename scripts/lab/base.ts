import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { step } from './error.ts';
import { local } from './local.ts';
import { withLock } from './lock.ts';
import { recipe, recipeKey, type Recipe } from './recipe.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const BUILD_MS = 15 * 60_000;

/**
 * The directory of a finished base tree of `release`: cached, or built now (about 25 s on 2 cores).
 *
 * A tree appears under its name only when complete, so an interrupted build is never used.
 *
 * @throws LabError the build failed; its log stays in `cacheDir`
 */
export async function baseTree(
  cacheDir: string,
  release: string,
  onProgress: (line: string) => void,
): Promise<string> {
  const wanted = recipe(release);
  const dir = join(cacheDir, recipeKey(wanted));
  if (existsSync(dir)) return dir;
  onProgress(`base ${release}: not cached`);
  await withLock(cacheDir, BUILD_MS, async () => {
    if (existsSync(dir)) return;
    await removeUnused(cacheDir, `${release}-`);
    await build(wanted, dir, onProgress);
  });
  return dir;
}

/** Removes every base tree that no lab stands on. */
export async function purgeBaseTrees(cacheDir: string): Promise<void> {
  if (!existsSync(cacheDir)) return;
  await withLock(cacheDir, BUILD_MS, () => removeUnused(cacheDir, ''));
}

async function build(wanted: Recipe, dir: string, onProgress: (line: string) => void): Promise<void> {
  // Of this process only: one that was killed may have left a build going on in its own.
  const partial = `${dir}.${process.pid}.partial`;
  const log = `${dir}.log`;
  const script = `${dir}.sh`;
  const { release, packages, sources, dpkgOptions, customize } = wanted;
  await mkdir(join(dir, '..'), { recursive: true });
  await writeFile(script, customize);
  onProgress(`base ${release}: building (about 25 s, cached afterwards)`);
  const hint = `the whole log is ${log}; a mirror near you: RUN_PLAYBOOK_LAB_MIRROR=http://ftp.XX.debian.org`;
  await step(`base tree of ${release}: mmdebstrap failed`, hint, async () => {
    await local({ timeout: `${BUILD_MS}ms` })`
      unshare --mount mmdebstrap --mode=root --format=directory --variant=minbase --keyring=${KEYRING} \
        --include=${packages.join(',')} --aptopt='APT::Install-Recommends "false"' \
        ${dpkgOptions.map((option) => `--dpkgopt=${option}`)} --skip=cleanup/apt \
        --customize-hook='cat '${script}' | chroot "$1" /bin/sh' \
        ${release} ${partial} ${sources} >${log} 2>&1 || { tail -n 12 ${log} >&2; exit 1; }`;
  });
  await rename(partial, dir);
  await Promise.all([script, log].map((path) => rm(path, { force: true })));
  onProgress(`base ${release}: built`);
}

async function removeUnused(cacheDir: string, release: string): Promise<void> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  for (const entry of await readdir(cacheDir)) {
    const path = join(cacheDir, entry);
    if (!entry.startsWith(release) || mounts.includes(`lowerdir=${path}`)) continue;
    await rm(path, { recursive: true, force: true, maxRetries: 5 });
  }
}
