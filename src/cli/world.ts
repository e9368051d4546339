import type { Secret } from '../core/secret.ts';

/** What a command has of the process around it. */
export interface World {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** What starts this program anew, its arguments left out. */
  readonly self: readonly string[];
  /** All that were read so far: nothing is printed or written down without hiding them, a crash neither. */
  readonly secrets: Secret[];
}

/** Takes secrets that were read, each once. */
export function learning({ secrets }: World): (found: readonly Secret[]) => void {
  return (found) => void secrets.push(...found.filter((secret) => !secrets.includes(secret)));
}

/** This process as it is. */
export function processWorld(): World {
  const { stdin, stdout, stderr, env, execPath, execArgv, argv } = process;
  return {
    stdin,
    stdout,
    stderr,
    env,
    cwd: process.cwd(),
    self: [execPath, ...execArgv, argv[1] ?? ''],
    secrets: [],
  };
}

/** Whether nobody is there to answer: the variable that every CI service sets. */
export function isCI(env: NodeJS.ProcessEnv): boolean {
  return !['', '0', 'false', undefined].includes(env['CI']);
}
