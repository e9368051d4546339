import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { channelFailed, openChannel } from './channel.ts';
import { deferred } from './deferred.ts';
import { ConnectionLost } from './error.ts';
import { killScript, stopScript } from './kill-script.ts';
import type { Link } from './link.ts';
import { Preamble } from './preamble.ts';
import { SudoDialogue } from './sudo-dialogue.ts';
import { notBegun, passwordRefused } from './sudo.ts';
import { startMark, wrap, type Wrapped } from './wrapper.ts';

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

/** How long a kill waits for a script that is just starting. */
const START_WAIT_MS = 2_000;
/** How long it waits for the killing command, beside the grace. */
const KILL_WAIT_MS = 3_000;

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
  readonly #dialogue: SudoDialogue;
  readonly #end = deferred<Ended>();
  /** Resolves once the script started, or ended without. */
  readonly #start = deferred<void>();
  #channel: ClientChannel | undefined;
  #isSettled = false;

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
    this.#dialogue = new SudoDialogue(link.nonce, link.secrets);
    this.ended = this.#end.promise;
    if (request.text.includes('\0')) {
      this.#settle(new TypeError(`a script cannot contain a NUL byte: ${request.shown}`));
    }
    void this.#run();
  }

  /** Sends a signal to everything the script started. Nothing happens when it has ended. */
  async kill(signal: string): Promise<void> {
    await this.#signalGroup(signal, (group) => killScript(group, signal));
  }

  /** Ends everything the script started: SIGTERM, after a grace of 2 s SIGKILL. Takes 7 s at most. */
  async stop(): Promise<void> {
    const { killGraceMs } = this.#link;
    await this.#signalGroup('SIGTERM', (group) => stopScript(group, killGraceMs));
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
      this.#settle(channelFailed(this.#link, this.#request.shown, error));
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
      this.#pass(this.#stdout.push(chunk), this.#request.onStdout);
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      this.#pass(this.#stderr.push(chunk), this.#request.onStderr);
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

  #pass(own: Buffer, receive: ((chunk: Buffer) => void) | undefined): void {
    if (own.length > 0 && !this.#isSettled) {
      receive?.(own);
    }
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

  #answerSudo(channel: ClientChannel): void {
    const password = this.#password;
    if (password === undefined) {
      return;
    }
    const step = this.#dialogue.next(this.#stderr.text);
    if (step === 'password') {
      channel.write(`${password}\n`);
    } else if (step === 'script') {
      this.#sendBody(channel);
    } else if (step === 'refused') {
      this.#settle(passwordRefused(this.#link.target.host, this.#dialogue.readable(this.#stderr.text)));
      channel.close();
    }
  }

  #sendBody(channel: ClientChannel): void {
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
      return notBegun(target, {
        isSudo: this.#sudoUser !== undefined,
        signal: ended.signal,
        stdout: this.#dialogue.readable(this.#stdout.text),
        stderr: this.#dialogue.readable(this.#stderr.text),
      });
    }
    return ended;
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
    const waitMs = this.#link.killGraceMs + KILL_WAIT_MS;
    await Promise.race([done, sleep(waitMs, undefined, { ref: false })]);
  }

  #abandon(signal: string): void {
    if (!this.#isSettled) {
      this.#settle({ exit: undefined, signal });
    }
    this.#channel?.close();
  }
}
