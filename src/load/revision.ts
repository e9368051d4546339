import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Revision } from '../core/audit.ts';
import { isMissing } from './project.ts';

const STATUS_TIMEOUT_MS = 2_000;

/**
 * Which commit a folder is at; undefined when it is in no git repository, or in one without a commit.
 *
 * The commit is read without git; whether files differ from it only git can tell.
 */
export async function revisionOf(folder: string): Promise<Revision | undefined> {
  const git = await gitFolder(folder);
  const commit = git === undefined ? undefined : await commitOf(git);
  if (commit === undefined) {
    return undefined;
  }
  const dirty = await isDirty(folder);
  return { commit, ...(dirty !== undefined && { dirty }) };
}

/** The nearest `.git`: a folder, or in a worktree and a submodule a file that names one. */
async function gitFolder(folder: string): Promise<string | undefined> {
  const path = join(folder, '.git');
  const kind = await stat(path).catch(() => undefined);
  if (kind?.isDirectory() === true) {
    return path;
  }
  if (kind?.isFile() === true) {
    const [, named] = /^gitdir: (.*)$/m.exec(await readFile(path, 'utf8')) ?? [];
    return named === undefined ? undefined : resolve(folder, named);
  }
  return folder === dirname(folder) ? undefined : gitFolder(dirname(folder));
}

async function commitOf(git: string): Promise<string | undefined> {
  const head = await textAt(join(git, 'HEAD'));
  const [, ref] = /^ref: (.*)$/m.exec(head ?? '') ?? [];
  if (ref === undefined) {
    return hash(head);
  }
  const common = resolve(git, (await textAt(join(git, 'commondir')))?.trim() ?? '.');
  const packed = await textAt(join(common, 'packed-refs'));
  const line = packed?.split('\n').find((one) => one.endsWith(` ${ref}`));
  return hash((await textAt(join(common, ref))) ?? line);
}

function hash(text: string | undefined): string | undefined {
  return /^[0-9a-f]{40,64}\b/.exec(text ?? '')?.[0];
}

async function textAt(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  }
}

async function isDirty(folder: string): Promise<boolean | undefined> {
  try {
    const { stdout } = await promisify(execFile)(
      'git',
      ['--no-optional-locks', '-c', 'core.fsmonitor=false', 'status', '--porcelain', '--', '.'],
      { cwd: folder, timeout: STATUS_TIMEOUT_MS },
    );
    return stdout !== '';
  } catch {
    // No git here, or it does not trust the folder's owner.
    return undefined;
  }
}
