import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a command in this process's place: same terminal, signals handed on; its exit code. */
export async function passThrough(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { stdio: 'inherit', env });
  // At a terminal the child has heard of Ctrl-C already; it takes both for one.
  const handOn = (signal: NodeJS.Signals) => void child.kill(signal);
  SIGNALS.forEach((signal) => process.on(signal, handOn));
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit, signal) => resolve(exitCode(exit, signal)));
    });
  } finally {
    SIGNALS.forEach((signal) => process.removeListener(signal, handOn));
  }
}

/** The exit code that a shell reports for a process that ended like this. */
export function exitCode(exit: number | null, signal: NodeJS.Signals | null): number {
  return exit ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
