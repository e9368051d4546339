import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Script } from '../src/core/script.ts';

export interface Ended {
  readonly exit: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The shells of this machine that may be a host's `sh`. */
export const SHELLS = ['sh', 'bash', 'dash', 'busybox'].filter((shell) => existsSync(`/bin/${shell}`));

/** How a script ends on this machine: over stdin, as on a host, with nothing in its environment. */
export function runLocally(script: Script, shell = 'sh'): Promise<Ended> {
  const args = shell === 'busybox' ? ['sh', '-s'] : ['-s'];
  return runProgram([`/bin/${shell}`, ...args], `{\n${script.text}\n}\n`);
}

/** The same for what must be able to change nothing on this machine: as `nobody` where we are root. */
export function runAsNobody(script: Script): Promise<Ended> {
  const isRoot = process.getuid?.() === 0;
  return runProgram(['/bin/sh', '-s'], `{\n${script.text}\n}\n`, isRoot ? { uid: NOBODY, gid: NOBODY } : {});
}

const NOBODY = 65_534;

interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

/** How a program ends that is given `input`. */
export function runProgram(
  [file = '', ...args]: readonly string[],
  input: string,
  options: ProgramOptions = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const all = { encoding: 'buffer', env: {}, maxBuffer: 64 * 1024 * 1024, ...options } as const;
    const child = execFile(file, args, all, (error, stdout, stderr) => {
      const exit = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      resolve({ exit, stdout, stderr: stderr.toString('utf8') });
    });
    // One that ends before it has read everything says so by its exit code.
    child.stdin?.on('error', () => {}).end(input);
  });
}
