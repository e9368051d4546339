import type { ExecOptions, Executed } from '../core/connection.ts';
import type { Script } from '../core/script.ts';
import { maskHeard } from '../core/secret.ts';
import { deferred } from './deferred.ts';
import { CommandAborted, CommandTimeout, OutputTooLarge, shownCommand } from './error.ts';
import type { Link } from './link.ts';
import { RemoteProcess } from './process.ts';

/** More on stdout is an error: half an answer must not be planned on. */
export const STDOUT_LIMIT_BYTES = 64 * 1024 * 1024;
/** Only the end of stderr is kept: that is where the error is. */
export const STDERR_KEPT_BYTES = 256 * 1024;

/** Runs a script to its end, see Connection.exec. */
export async function exec(link: Link, script: Script, options: ExecOptions): Promise<Executed> {
  const { host } = link.target;
  const shown = shownCommand(script, link.secrets);
  if (options.signal?.aborted === true) {
    throw new CommandAborted(host, shown, options.signal.reason);
  }
  const interruption = deferred<never>();
  const stdout = new Collected(() =>
    interruption.reject(new OutputTooLarge(host, shown, STDOUT_LIMIT_BYTES)),
  );
  const stderr = new Tail();
  const running = new RemoteProcess(link, {
    text: script.text,
    shown,
    become: options.become ?? true,
    onStdout: (chunk) => stdout.push(chunk),
    onStderr: (chunk) => stderr.push(chunk),
  });
  // Not unref'd: the connection keeps the process alive anyway, and the deadline must fire.
  const timer = setTimeout(
    () => interruption.reject(new CommandTimeout(host, shown, options.timeoutMs)),
    options.timeoutMs,
  );
  const onAbort = () => interruption.reject(new CommandAborted(host, shown, options.signal?.reason));
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const ended = await Promise.race([running.ended, interruption.promise]);
    return {
      ...ended,
      stdout: stdout.bytes(),
      stderr: maskHeard(stderr.text(), [...script.secrets, ...link.secrets]),
    };
  } catch (error) {
    await running.stop();
    throw error;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
  }
}

class Collected {
  readonly #chunks: Buffer[] = [];
  readonly #onTooMuch: () => void;
  #sizeBytes = 0;

  constructor(onTooMuch: () => void) {
    this.#onTooMuch = onTooMuch;
  }

  push(chunk: Buffer): void {
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes > STDOUT_LIMIT_BYTES) {
      this.#onTooMuch();
    } else {
      this.#chunks.push(chunk);
    }
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

class Tail {
  #chunks: Buffer[] = [];
  #sizeBytes = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes > 2 * STDERR_KEPT_BYTES) {
      const kept = Buffer.concat(this.#chunks).subarray(-STDERR_KEPT_BYTES);
      this.#chunks = [kept];
      this.#sizeBytes = kept.length;
    }
  }

  /** Decoded once, at the end: a character cut between two chunks stays whole. */
  text(): string {
    return Buffer.concat(this.#chunks).subarray(-STDERR_KEPT_BYTES).toString('utf8');
  }
}
