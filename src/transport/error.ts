import { EXIT, HostFailed, RunError, Unreachable } from '../core/error.ts';
import { type Script, shownScript } from '../core/script.ts';
import type { Secret } from '../core/secret.ts';

const SHOWN_CHARS = 120;

/** A command as errors show it: its secrets and others masked, its first line, at most 120 characters. */
export function shownCommand({ text, secrets }: Script, others: readonly Secret[]): string {
  const lines = shownScript({ text, secrets: [...secrets, ...others] })
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [first = ''] = lines;
  const short = first.length > SHOWN_CHARS ? first.slice(0, SHOWN_CHARS) : first;
  return short.length < first.length || lines.length > 1 ? `${short} …` : short;
}

/** Milliseconds as seconds, to a tenth. */
export const seconds = (ms: number) => Math.round(ms / 100) / 10;

/** The connection ended before the command did: whether it finished is not known. */
export class ConnectionLost extends Unreachable {
  constructor(host: string, command: string, cause?: Error) {
    super(
      {
        host,
        what: 'the connection was lost while a command ran, how it ended is not known',
        why: cause === undefined ? undefined : [cause.message],
        command,
        ended: 'connection lost',
        hint: 'run again: the host is read anew and only what is missing is changed',
      },
      { cause },
    );
  }
}

/** The command ran longer than it may; its process group was killed. */
export class CommandTimeout extends HostFailed {
  constructor(host: string, command: string, timeoutMs: number) {
    const ended = `timed out after ${seconds(timeoutMs)} s`;
    super({
      host,
      what: `a command ${ended} and was killed`,
      command,
      ended,
      hint: 'run it by hand on the host to see what it waits for, or give it a longer timeout',
    });
  }
}

/** The caller's AbortSignal fired; the command's process group was killed. */
export class CommandAborted extends RunError {
  override readonly exit = EXIT.interrupted;

  constructor(host: string, command: string, cause?: unknown) {
    super({ host, what: 'a command was interrupted and killed', command, ended: 'interrupted' }, { cause });
  }
}

/** The command printed more than is kept; its process group was killed. */
export class OutputTooLarge extends HostFailed {
  constructor(host: string, command: string, limitBytes: number) {
    super({
      host,
      what: `a command printed more than ${limitBytes / 1024 / 1024} MiB and was killed`,
      command,
      ended: 'killed',
      hint: 'let the command print less, or write to a file on the host',
    });
  }
}

/** The host opens no further session on this connection; those that it has go on. */
export class NoMoreSessions extends Unreachable {}
