/** What a command has of the process around it. */
export interface World {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** What starts this program anew, its arguments left out. */
  readonly self: readonly string[];
}

/** This process as it is. */
export function processWorld(): World {
  const { stdin, stdout, stderr, env, execPath, execArgv, argv } = process;
  return { stdin, stdout, stderr, env, cwd: process.cwd(), self: [execPath, ...execArgv, argv[1] ?? ''] };
}

/** Whether nobody is there to answer: the variable that every CI service sets. */
export function isCI(env: NodeJS.ProcessEnv): boolean {
  return !['', '0', 'false', undefined].includes(env['CI']);
}
