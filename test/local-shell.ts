import { execFile } from 'node:child_process';
import type { Script } from '../src/core/script.ts';

export interface Ended {
  readonly exit: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** How a script ends on this machine: over stdin, as on a host, with nothing in its environment. */
export function runLocally(script: Script, shell = 'sh'): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { encoding: 'buffer', env: {}, maxBuffer: 64 * 1024 * 1024 } as const;
    const child = execFile(`/bin/${shell}`, ['-s'], options, (error, stdout, stderr) => {
      const exit = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      resolve({ exit, stdout, stderr: stderr.toString('utf8') });
    });
    child.stdin?.end(`{\n${script.text}\n}\n`);
  });
}
