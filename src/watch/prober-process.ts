import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LostSoFar, Outcome, Watcher, WatchReport } from '../core/watch.ts';
import type { ProbeMessage, ProbeOrder } from './message.ts';
import type { Sample } from './sample.ts';

export interface ProberProcessOptions {
  /** The command that runs `argv`, when it has to run elsewhere. */
  readonly command?: (argv: readonly string[]) => readonly string[];
  readonly onLost?: (lost: LostSoFar) => void;
  /** Heard when `everySample` is ordered. */
  readonly onSample?: (sample: Sample) => void;
}

/** Requests need half a second; the rest is for a machine that is busy, and for what an hour has sent to be counted. */
const START_MS = 10_000;
const END_MS = 60_000;

/** From `src` and from `dist/src` alike: a process of its own runs what is compiled. */
const PROGRAM = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/scripts/probe.js' : '../../scripts/probe.js',
    import.meta.url,
  ),
);

/**
 * Starts a prober in a process of its own, which ends with this one, however this one ends.
 *
 * Resolves once each target's first request has ended.
 *
 * @throws Error it could not be started, with its last words
 */
export async function startProberProcess(
  order: ProbeOrder,
  options: ProberProcessOptions = {},
): Promise<Watcher> {
  const child = new ProberProcess(order, options);
  const first = await child.begun();
  return { first, stop: () => child.stop() };
}

class ProberProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #options: ProberProcessOptions;
  readonly #closed: Promise<void>;
  #ended = 'the prober does not answer';
  #said = '';
  #report: WatchReport | undefined;
  #onFirst: (first: readonly Outcome[]) => void = () => {};

  constructor(order: ProbeOrder, options: ProberProcessOptions) {
    const { command = (argv) => argv } = options;
    const [file = '', ...args] = command([process.execPath, PROGRAM, JSON.stringify(order)]);
    this.#options = options;
    // Detached: Ctrl-C is for the run, which still has to hear what was lost until its end.
    this.#child = spawn(file, args, { stdio: 'pipe', detached: true });
    const { stdin, stdout, stderr } = this.#child;
    // A process that is gone is told of by how it ended.
    stdin.on('error', () => {});
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = `${this.#said}${text}`.slice(-2000);
    });
    createInterface(stdout).on('line', (line) => this.#read(line));
    this.#closed = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#ended = error.message;
        resolve();
      });
      this.#child.once('close', (code, signal) => {
        this.#ended = `the prober ended with ${signal ?? `exit code ${code}`}`;
        resolve();
      });
    });
  }

  async begun(): Promise<readonly Outcome[]> {
    const first = new Promise<readonly Outcome[]>((resolve) => {
      this.#onFirst = resolve;
    });
    return (await this.#within(START_MS, Promise.race([first, this.#closed]))) ?? this.#fail();
  }

  async stop(): Promise<WatchReport> {
    this.#child.stdin.end();
    await this.#within(END_MS, this.#closed);
    return this.#report ?? this.#fail();
  }

  /** A prober that is killed leaves half a line behind; that no report came is told by `stop`. */
  #read(line: string): void {
    let message: ProbeMessage;
    try {
      message = JSON.parse(line) as ProbeMessage;
    } catch {
      this.#said = `${this.#said}what it told cannot be read: ${line.slice(0, 80)}\n`;
      return;
    }
    this.#hear(message);
  }

  #hear(message: ProbeMessage): void {
    if ('first' in message) {
      this.#onFirst(message.first);
    } else if ('lost' in message) {
      this.#options.onLost?.(message.lost);
    } else if ('sample' in message) {
      this.#options.onSample?.(message.sample);
    } else {
      this.#report = message.report;
    }
  }

  /** `undefined` when that time is over. */
  async #within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), ms);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #fail(): never {
    this.#child.kill('SIGKILL');
    throw new Error([this.#ended, this.#said.trim()].filter((line) => line !== '').join('\n'));
  }
}
