import type { Traffic } from './result.ts';
import type { Script } from './script.ts';
import type { Shell } from './shell.ts';

/** How one script ended on a host. Not zero is an answer, not an error; a lost connection is an error. */
export interface Executed {
  /** Exit code; `undefined` when a signal ended it. */
  readonly exit: number | undefined;
  /** `SIGKILL`; `undefined` when it exited. */
  readonly signal: string | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface ExecOptions {
  readonly timeoutMs: number;
  /** As root (or the target's become user) when true, which is the default; as the login user when false. */
  readonly become?: boolean;
  readonly signal?: AbortSignal;
}

export interface HoldOptions {
  /** How long it has to say `held`. */
  readonly timeoutMs: number;
  readonly beatMs: number;
  /** Aborted: it is no longer waited for until it has said `held`. */
  readonly signal?: AbortSignal;
}

/** Something that goes on on a host until it is released, or the connection ends for whatever reason. */
export interface Held {
  /**
   * Whether it still goes on; else what ended it: `release`, somebody on the host by force, or a connection that was
   * lost or on which nothing was heard for too long.
   */
  state(): 'held' | 'released' | 'ended' | 'lost';
  /** Ends it, and returns when it has ended. Does nothing when it has ended already. */
  release(): Promise<void>;
}

/** One SSH connection to one host; everything that reaches the host goes through it. */
export interface Connection {
  readonly host: string;
  readonly traffic: Traffic;
  /**
   * Runs a script with `sh`, stdin closed, the text sent over stdin so that it is in no argv.
   *
   * @throws ConnectionLost the connection ended before the script did
   * @throws CommandTimeout it ran longer than `timeoutMs`; its process group was killed
   * @throws BecomeFailed sudo refused
   */
  exec(script: Script, options: ExecOptions): Promise<Executed>;
  /**
   * Starts a script as root that says `held` on a line of its own and then reads its stdin to the end; its stdin
   * ends with `release`, and so also when this program or the connection has ended. Other scripts run beside it, even
   * where sshd allows one session on each connection only (MaxSessions 1).
   *
   * A network that is cut, or a controller without power, ends nothing there. The script therefore gets an empty line
   * every `beatMs`, and may end well when none comes. One that ends before its release takes the connection with it:
   * nobody goes on in the belief that it still holds.
   *
   * @returns how it ended when it did not say `held`
   * @throws ConnectionLost, CommandTimeout, BecomeFailed as `exec`, before it said `held`
   */
  hold(script: Script, options: HoldOptions): Promise<Held | Executed>;
  /**
   * The zx `$` of this host: `sh -eu` as root. zx is loaded on first use.
   *
   * @param env exported to every command
   */
  shell(options: {
    readonly timeoutMs: number;
    readonly env?: Readonly<Record<string, string>>;
  }): Promise<Shell>;
  close(): Promise<void>;
}
