import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { Unreachable } from '../core/error.ts';
import { openChannel } from './channel.ts';
import { deferred } from './deferred.ts';
import { ConnectionLost } from './error.ts';
import type { Link } from './link.ts';
import { Preamble } from './preamble.ts';
import { passwordRefused, shellMissing, sudoRefused } from './sudo.ts';
import { askMark, readyMark, startMark, wrap, type Wrapped } from './wrapper.ts';

export interface ProcessRequest {
  readonly text: string;
  /** The command as errors show it. */
  readonly shown: string;
  readonly become: boolean;
  /** Becomes the script's stdin; without it that is /dev/null. */
  readonly input?: Readable | undefined;
  /** Does not wait its turn: for killing what holds all turns. */
  readonly urgent?: boolean;
  readonly onStdout?: (chunk: Buffer) => void;
  readonly onStderr?: (chunk: Buffer) => void;
}

export interface Ended {
  readonly exit: number | undefined;
  readonly signal: string | undefined;
}

/** How long a kill waits for a script that is just starting, and for the killing command itself. */
const START_WAIT_MS = 2_000;
const KILL_WAIT_MS = 5_000;

/** One script running on a host, from the channel's opening to its close. */
export class RemoteProcess {
  /**
   * How the script ended, after its last output.
   *
   * @throws ConnectionLost, BecomeFailed, Unreachable the host opens no more channels
   */
  readonly ended: Promise<Ended>;

  readonly #link: Link;
  readonly #request: ProcessRequest;
  readonly #sudoUser: string | undefined;
  readonly #wrapped: Wrapped;
  readonly #stdout: Preamble;
  readonly #stderr: Preamble;
  readonly #end = deferred<Ended>();
  /** Resolves once the script started, or ended without. */
  readonly #start = deferred<void>();
  #channel: ClientChannel | undefined;
  #isSettled = false;
  #isBodySent = false;
  #isPasswordSent = false;

  constructor(link: Link, request: ProcessRequest) {
    const { become, user } = link.target;
    this.#link = link;
    this.#request = request;
    this.#sudoUser = request.become && become.enabled && become.user !== user ? become.user : undefined;
    this.#wrapped = wrap(request.text, {
      nonce: link.nonce,
      sudoUser: this.#sudoUser,
      hasPassword: this.#password !== undefined,
      hasInput: request.input !== undefined,
    });
    this.#stdout = new Preamble(startMark(link.nonce));
    this.#stderr = new Preamble(startMark(link.nonce));
    this.ended = this.#end.promise;
    if (request.text.includes('\0')) {
      this.#settle(new TypeError(`a script cannot contain a NUL byte: ${request.shown}`));
    }
    void this.#run();
  }

  /** Sends a signal to everything the script started. Nothing happens when it has ended. */
  async kill(signal: string): Promise<void> {
    await this.#signalGroup(signal, (group) => `kill -s ${signal} -- -${group}`);
  }

  /** Ends everything the script started: SIGTERM, after 2 s SIGKILL. Takes 7 s at most. */
  async stop(): Promise<void> {
    await this.#signalGroup('SIGTERM', stopScript);
    this.#abandon('SIGTERM');
  }

  get #password(): string | undefined {
    return this.#sudoUser === undefined ? undefined : this.#link.target.become.password?.reveal();
  }

  async #run(): Promise<void> {
    const { gate } = this.#link;
    const { urgent = false } = this.#request;
    if (!urgent) {
      await gate.enter();
    }
    try {
      if (!this.#isSettled) {
        await this.#exchange();
      }
    } catch (error) {
      this.#settle(this.#openFailed(error));
    } finally {
      if (!urgent) {
        gate.leave();
      }
    }
  }

  /** From the channel's opening to its close. */
  async #exchange(): Promise<void> {
    let closed: Promise<unknown> = Promise.resolve();
    let ended: Ended | undefined;
    await openChannel(this.#link, this.#wrapped.line, (channel) => {
      channel.on('exit', (exit: number | null, signal?: string) => {
        ended = { exit: exit ?? undefined, signal };
      });
      closed = this.#listen(channel);
      this.#opened(channel);
    });
    await closed;
    if (!this.#isSettled) {
      this.#settle(this.#outcome(ended));
    }
  }

  #listen(channel: ClientChannel): Promise<unknown> {
    channel.on('data', (chunk: Buffer) => {
      const own = this.#stdout.push(chunk);
      if (own.length > 0) {
        this.#request.onStdout?.(own);
      }
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      const own = this.#stderr.push(chunk);
      if (own.length > 0) {
        this.#request.onStderr?.(own);
      }
      if (this.#stderr.group === undefined) {
        this.#answerSudo(channel);
      } else {
        this.#start.resolve();
      }
    });
    // A write after the host closed the channel; its close tells how the script ended.
    channel.on('error', () => {});
    return Promise.all([
      new Promise((resolve) => {
        channel.once('close', resolve);
      }),
      new Promise((resolve) => {
        channel.stderr.once('end', resolve).once('close', resolve);
      }),
    ]);
  }

  #opened(channel: ClientChannel): void {
    this.#link.meter.countExec();
    this.#channel = channel;
    if (this.#isSettled) {
      channel.close();
    } else if (this.#password === undefined) {
      this.#sendBody(channel);
    }
  }

  /** The password only after sudo's own prompt, the script only once sudo let us in. */
  #answerSudo(channel: ClientChannel): void {
    const password = this.#password;
    if (password === undefined || this.#isBodySent) {
      return;
    }
    const { nonce, target } = this.#link;
    const words = this.#stderr.text;
    const asked = words.split(askMark(nonce)).length - 1;
    if (words.includes(readyMark(nonce))) {
      this.#sendBody(channel);
    } else if (asked > 1) {
      this.#settle(passwordRefused(target.host, this.#sudoWords()));
      channel.close();
    } else if (asked === 1 && !this.#isPasswordSent) {
      this.#isPasswordSent = true;
      channel.write(`${password}\n`);
    }
  }

  #sendBody(channel: ClientChannel): void {
    this.#isBodySent = true;
    channel.write(this.#wrapped.body);
    this.#request.input?.pipe(channel);
  }

  #outcome(ended: Ended | undefined): Ended | Error {
    const { target } = this.#link;
    if (ended === undefined) {
      return new ConnectionLost(target.host, this.#request.shown, this.#link.lost());
    }
    // Whatever the exit code: without the mark the script has not run.
    if (this.#stderr.group === undefined) {
      return this.#sudoUser === undefined
        ? shellMissing(target.host, this.#sudoWords())
        : sudoRefused(target.host, target.user, this.#sudoWords());
    }
    return ended;
  }

  #openFailed(error: unknown): Error {
    const { target } = this.#link;
    const lost = this.#link.lost();
    const cause = error instanceof Error ? error : new Error(String(error));
    if (lost !== undefined || cause.message === 'Not connected') {
      return new ConnectionLost(target.host, this.#request.shown, lost ?? cause);
    }
    return new Unreachable(
      {
        host: target.host,
        what: 'the host does not start another command on this connection',
        why: [cause.message],
        command: this.#request.shown,
        hint: 'raise MaxSessions in /etc/ssh/sshd_config to its default, 10',
      },
      { cause },
    );
  }

  #sudoWords(): string {
    return this.#stderr.text.replaceAll(askMark(this.#link.nonce), '\n');
  }

  #settle(ended: Ended | Error): void {
    this.#isSettled = true;
    this.#start.resolve();
    if (ended instanceof Error) {
      this.#end.reject(ended);
    } else {
      this.#end.resolve(ended);
    }
  }

  async #signalGroup(signal: string, script: (group: string) => string): Promise<void> {
    if (this.#channel !== undefined) {
      await Promise.race([this.#start.promise, sleep(START_WAIT_MS, undefined, { ref: false })]);
    }
    if (this.#isSettled) {
      return;
    }
    const { group } = this.#stderr;
    if (group === undefined || group === '') {
      this.#abandon(signal);
      return;
    }
    // sshd, being the login user, may not signal what runs under sudo: a second channel does.
    const killer = new RemoteProcess(this.#link, {
      text: script(group),
      shown: 'kill',
      become: this.#request.become,
      urgent: true,
    });
    const done = killer.ended.catch(() => {});
    await Promise.race([done, sleep(KILL_WAIT_MS, undefined, { ref: false })]);
  }

  #abandon(signal: string): void {
    if (!this.#isSettled) {
      this.#settle({ exit: undefined, signal });
    }
    this.#channel?.close();
  }
}

function stopScript(group: string): string {
  return [
    `kill -s TERM -- -${group} || exit 0`,
    'for rp_i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do',
    // Zombies do not count: where PID 1 is no init nobody reaps them.
    `  grep -qs '^[0-9]* (.*) [^ZX] [0-9]* ${group} ' /proc/[0-9]*/stat || exit 0`,
    '  sleep 0.1 || sleep 1',
    'done',
    `kill -s KILL -- -${group}`,
  ].join('\n');
}
