import { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { PassThrough } from 'node:stream';
import type { Secret } from '../core/secret.ts';
import { CommandAborted, CommandTimeout, OutputTooLarge } from './error.ts';
import { STDOUT_LIMIT_BYTES } from './exec.ts';
import type { Link } from './link.ts';
import { Masking, WholeCharacters } from './output.ts';
import { type Ended, RemoteProcess } from './process.ts';

/** zx sends this when its timeout is over; as no other signal it says why a command was killed. */
export const TIMEOUT_SIGNAL = 'SIGALRM';

export interface ChildRequest {
  readonly text: string;
  /** The command as errors show it. */
  readonly shown: string;
  readonly secrets: readonly Secret[];
  readonly hasInput: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Above every pid a kernel gives out: a stray process.kill() throws instead of hitting a local process. */
const FIRST_PID = 2 ** 32;
let nextPid = FIRST_PID;
const running = new Map<number, FakeChild>();

/**
 * Signals the remote command behind a pid; nothing happens when it has ended.
 *
 * @returns false for a pid of this machine
 */
export function killFake(pid: number, signal: string | undefined): boolean {
  running.get(pid)?.kill(signal);
  return pid >= FIRST_PID;
}

/** A command on a host in the shape of a node ChildProcess, as far as zx looks at it. */
export class FakeChild extends EventEmitter {
  readonly pid = nextPid;
  readonly stdin: PassThrough | null;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  exitCode: number | null = null;
  signalCode: string | null = null;
  killed = false;

  readonly #link: Link;
  readonly #request: ChildRequest;
  readonly #process: RemoteProcess;
  readonly #characters = { stdout: new WholeCharacters(), stderr: new WholeCharacters() };
  readonly #masking: Masking;
  readonly #startedAt = performance.now();
  #stdoutBytes = 0;
  /** Why we killed it, which is then how it ended. */
  #interruption: Error | undefined;
  #isFinished = false;

  constructor(link: Link, request: ChildRequest) {
    super();
    nextPid += 1;
    running.set(this.pid, this);
    this.#link = link;
    this.#request = request;
    this.#masking = new Masking(request.secrets);
    this.stdin = request.hasInput ? new PassThrough() : null;
    this.#process = new RemoteProcess(link, {
      text: request.text,
      shown: request.shown,
      become: true,
      input: this.stdin ?? undefined,
      onStdout: (chunk) => this.#onStdout(chunk),
      onStderr: (chunk) => this.stderr.write(this.#masking.push(this.#characters.stderr.push(chunk))),
    });
    // Settles after the tick in which zx attaches its listeners.
    this.#process.ended.then(
      (ended) => this.#finish(ended),
      (error: Error) => this.#finish(error),
    );
    if (request.signal?.aborted === true) {
      this.#onAbort();
    }
    request.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  kill(signal: string | number = 'SIGTERM'): boolean {
    if (this.#isFinished) {
      return false;
    }
    this.killed = true;
    const name = typeof signal === 'number' ? signalName(signal) : signal;
    if (name === TIMEOUT_SIGNAL) {
      const elapsedMs = Math.round(performance.now() - this.#startedAt);
      this.#interrupt(new CommandTimeout(this.#link.target.host, this.#request.shown, elapsedMs));
    } else {
      void this.#process.kill(name);
    }
    return true;
  }

  readonly #onAbort = (): void => {
    const { shown, signal } = this.#request;
    this.#interrupt(new CommandAborted(this.#link.target.host, shown, signal?.reason));
  };

  #onStdout(chunk: Buffer): void {
    this.#stdoutBytes += chunk.length;
    if (this.#stdoutBytes > STDOUT_LIMIT_BYTES) {
      this.#interrupt(new OutputTooLarge(this.#link.target.host, this.#request.shown, STDOUT_LIMIT_BYTES));
    } else {
      this.stdout.write(this.#characters.stdout.push(chunk));
    }
  }

  #interrupt(reason: Error): void {
    this.#interruption ??= reason;
    void this.#process.stop();
  }

  #finish(ended: Ended | Error): void {
    this.#isFinished = true;
    running.delete(this.pid);
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
    const error = this.#interruption ?? (ended instanceof Error ? ended : undefined);
    const { exit = null, signal = null } = ended instanceof Error ? {} : ended;
    this.exitCode = exit;
    this.signalCode = signal;
    this.stdout.end(this.#characters.stdout.end());
    const last = this.#masking.push(this.#characters.stderr.end());
    this.stderr.end(Buffer.concat([last, this.#masking.end()]));
    this.stdin?.destroy();
    if (error !== undefined) {
      // At most once: zx listens with once(), a second 'error' would end the process.
      this.emit('error', error);
    }
    this.emit('exit', exit, signal);
    let open = 2;
    for (const stream of [this.stdout, this.stderr]) {
      stream.once('close', () => {
        open -= 1;
        if (open === 0) {
          this.emit('close', exit, signal);
        }
      });
    }
  }
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `${number}`;
}
