import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { enterCommand } from '../../../scripts/lab/index.ts';
import { until } from '../../lab/support/until.ts';
import type { RunDocument } from '../../../src/report/document.ts';

const CLI = fileURLToPath(new URL('../../../bin/run-playbook.js', import.meta.url));
const INVENTORY = fileURLToPath(new URL('../../../inventory/hosts.yml', import.meta.url));

/** Evidence of failures that were wanted is nobody's. */
const STATE = join(tmpdir(), 'run-playbook-faults');

/** How a run ended. */
export interface Ended {
  /** As a shell reports it: 137 after SIGKILL. */
  readonly exit: number;
  /** What `--json` told; undefined when the controller did not get that far. */
  readonly document: RunDocument | undefined;
  /** `change-started svr1 files nginx`, in order. */
  readonly boundaries: readonly string[];
  readonly stderr: string;
  readonly ms: number;
}

/** A run that goes on. */
export interface Controller {
  readonly ended: Promise<Ended>;
  /** Resolves at the first boundary that matches. @throws Error the run ended before */
  reaches(boundary: RegExp): Promise<void>;
  /** To the process that works, as a terminal or `kill` would. */
  signal(signal: NodeJS.Signals): void;
}

export interface ControllerOptions {
  readonly options?: readonly string[];
  /** `kill@3`, see src/cli/fault-hook.ts */
  readonly fault?: string;
}

/** Starts the built program on a lab's pair, as a user would, and hears its step boundaries. */
export function control(
  name: string,
  playbook: string,
  { options = [], fault = 'count' }: ControllerOptions = {},
): Controller {
  const [file = '', ...args] = enterCommand(name, [
    process.execPath,
    CLI,
    playbook,
    '--yes',
    '--json',
    '-i',
    INVENTORY,
    ...options,
  ]);
  const env = { ...process.env, XDG_STATE_HOME: STATE, RUN_PLAYBOOK_LAB: name, RUN_PLAYBOOK_FAULT: fault };
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const started = performance.now();
  let stderr = '';
  const heard = new Set<() => void>();
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
    heard.forEach((hear) => hear());
  });
  const boundaries = () =>
    [...stderr.matchAll(/^boundary \d+: (.*?) *$/gm)].map(([, boundary = '']) => boundary);

  async function end(): Promise<Ended> {
    const [stdout, [code, signal]] = await Promise.all([text(child.stdout), closed]);
    return {
      exit: code ?? (signal === 'SIGKILL' ? 137 : 1),
      document: stdout === '' ? undefined : (JSON.parse(stdout) as RunDocument),
      boundaries: boundaries(),
      stderr,
      ms: performance.now() - started,
    };
  }

  const ended = end();
  return {
    ended,
    signal: (signal) => void child.kill(signal),
    async reaches(boundary) {
      const reached = new Promise<void>((resolve) => {
        const hear = () => {
          if (boundaries().some((line) => boundary.test(line))) {
            heard.delete(hear);
            resolve();
          }
        };
        heard.add(hear);
        hear();
      });
      const over = ended.then(({ exit }) => {
        throw new Error(`ended with ${exit} before ${boundary}\n${stderr}`);
      });
      await Promise.race([reached, over]);
    },
  };
}

/** A run in a terminal, which can be closed. */
export function inTerminal(
  name: string,
  playbook: string,
  options: readonly string[],
): { shows(text: RegExp): Promise<unknown>; close(): void } {
  const command = enterCommand(name, [process.execPath, CLI, playbook, '--yes', '-i', INVENTORY, ...options]);
  const line = command.map((word) => `'${word}'`).join(' ');
  const env = { ...process.env, XDG_STATE_HOME: STATE, RUN_PLAYBOOK_LAB: name, RUN_PLAYBOOK_FAULT: 'count' };
  const script = spawn('script', ['-qec', line, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  let shown = '';
  script.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString('utf8');
  });
  return {
    shows: (wanted) =>
      until(
        `${wanted} is shown`,
        60_000,
        () => wanted.test(shown),
        () => shown,
      ),
    close: () => void script.kill('SIGKILL'),
  };
}

/** How one run ended, from its start. */
export function runIt(name: string, playbook: string, options: ControllerOptions = {}): Promise<Ended> {
  return control(name, playbook, options).ended;
}
