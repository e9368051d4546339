import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HostFailed, InvalidInput } from '../core/error.ts';
import type { FileChange, SchedulePlan } from '../core/schedule.ts';

/** Whose file it is to be. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Writes and removes files, each as a whole, and runs what has to follow.
 *
 * @throws InvalidInput this user may not; HostFailed a command failed
 */
export async function carryOut(plan: SchedulePlan): Promise<void> {
  for (const command of plan.before) {
    await run(command);
  }
  for (const change of plan.files) {
    await permitted(change.path, () => put(change));
  }
  for (const command of plan.after) {
    await run(command);
  }
}

/** Gives a file and its folder to somebody else. */
export async function giveTo(path: string, { uid, gid }: Owner): Promise<void> {
  await chown(dirname(path), uid, gid);
  await chown(path, uid, gid);
}

async function put({ path, after, mode }: FileChange): Promise<void> {
  if (after === undefined) {
    await unlink(path);
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const next = `${path}.run-playbook`;
  await unlink(next).catch(() => {});
  await writeFile(next, after, { mode: 0o600, flag: 'wx' });
  await chmod(next, Number.parseInt(mode, 8));
  await rename(next, path);
}

async function permitted(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') {
      throw error;
    }
    const what = `${path} cannot be written (${code})`;
    throw new InvalidInput([{ what, hint: 'as root: sudo npx run-playbook schedule …; or --on github' }]);
  }
}

/** @throws HostFailed it cannot be run, or ended otherwise than with 0 */
async function run([file = '', ...args]: readonly string[]): Promise<void> {
  const { code, stderr } = await outputOf(file, args);
  if (code !== 0) {
    throw new HostFailed({
      what: 'the schedule could not be changed',
      command: [file, ...args].join(' '),
      ended: typeof code === 'number' ? `exit ${code}` : code,
      why: stderr.trim().split('\n').filter(Boolean).slice(-3),
      hint: 'correct that, then run it again: what is done already is left as it is',
    });
  }
}

interface Ended {
  /** Exit code, or what kept it from having one. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program printed, and how it ended. */
export function outputOf(file: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.once('error', (error) => resolve({ code: error.message, stdout, stderr }));
    child.once('close', (code, signal) => resolve({ code: code ?? `signal ${signal}`, stdout, stderr }));
  });
}
