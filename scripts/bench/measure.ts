import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** One process to be timed; its output goes nowhere. */
export interface Timed {
  readonly argv: readonly string[];
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Milliseconds from starting the processes, all at once, until the last one has ended.
 *
 * @throws Error one did not exit with 0: what it did then was not what is to be timed
 */
export async function wallMs(processes: readonly Timed[]): Promise<number> {
  const start = performance.now();
  await Promise.all(processes.map(succeed));
  return performance.now() - start;
}

async function succeed({ argv, stdin = '', env = process.env }: Timed): Promise<void> {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { env, stdio: ['pipe', 'ignore', 'pipe'], timeout: 60_000 });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  // A command that reads no stdin may be gone before it was written.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) {
    throw new Error(`${argv.join(' ')}: ${signal ?? `exit ${code}`}\n${stderr.trim()}`);
  }
}

/** What many measurements of one thing come to. */
export interface Figures {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws Error without values there is nothing to say */
export function figures(values: readonly number[]): Figures {
  const sorted = values.toSorted((a, b) => a - b);
  const [lower, upper] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (lower === undefined || upper === undefined || min === undefined || max === undefined) {
    throw new Error('nothing was measured');
  }
  return { median: (lower + upper) / 2, min, max };
}
