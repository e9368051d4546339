import { PassThrough } from 'node:stream';
import type { Executed, Held, HoldOptions } from '../core/connection.ts';
import { rawScript, type Script } from '../core/script.ts';
import { maskHeard } from '../core/secret.ts';
import { deferred } from './deferred.ts';
import { CommandAborted, CommandTimeout, NoMoreSessions, shownCommand } from './error.ts';
import { exec } from './exec.ts';
import type { Link } from './link.ts';
import { RemoteProcess } from './process.ts';

const TRIAL_TIMEOUT_MS = 10_000;
/** Of a host that goes on talking no more is kept. */
const FIRST_WORDS_CHARS = 64 * 1024;

interface HoldFor extends HoldOptions {
  /** The connection that is lost with what is held; the one that holds it when left out. */
  readonly user?: Link;
}

/** Starts a script that goes on until it is released, see Connection.hold. */
export async function hold(
  link: Link,
  script: Script,
  { timeoutMs, beatMs, signal, user = link }: HoldFor,
): Promise<Held | Executed> {
  const { host } = link.target;
  const shown = shownCommand(script, link.secrets);
  if (signal?.aborted === true) {
    throw new CommandAborted(host, shown, signal.reason);
  }
  const input = new PassThrough();
  const said = deferred<'held'>();
  const given = deferred<never>();
  let stdout = '';
  let stderr = '';
  const running = new RemoteProcess(link, {
    text: script.text,
    shown,
    become: true,
    input,
    onStdout: (chunk) => {
      // What comes after it is heard by nobody.
      stdout += stdout.length > FIRST_WORDS_CHARS ? '' : chunk.toString('latin1');
      if (/^held$/m.test(stdout)) {
        said.resolve('held');
      }
    },
    onStderr: (chunk) => {
      stderr = `${stderr}${chunk.toString('utf8')}`.slice(-FIRST_WORDS_CHARS);
    },
  });
  const timer = setTimeout(() => given.reject(new CommandTimeout(host, shown, timeoutMs)), timeoutMs);
  const onAbort = () => given.reject(new CommandAborted(host, shown, signal?.reason));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const first = await Promise.race([said.promise, running.ended, given.promise]);
    return first === 'held'
      ? heldBy(user, { running, input, beatMs })
      : {
          ...first,
          stdout: Buffer.from(stdout, 'latin1'),
          stderr: maskHeard(stderr, [...script.secrets, ...link.secrets]),
        };
  } catch (error) {
    await running.stop();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Whether another script runs on a connection beside what is held there. */
export async function hasRoom(link: Link): Promise<boolean> {
  try {
    await exec(link, rawScript(':'), { timeoutMs: TRIAL_TIMEOUT_MS, become: false });
    return true;
  } catch (error) {
    if (error instanceof NoMoreSessions) {
      return false;
    }
    throw error;
  }
}

interface Holding {
  readonly running: RemoteProcess;
  readonly input: PassThrough;
  readonly beatMs: number;
}

function heldBy(user: Link, { running, input, beatMs }: Holding): Held {
  let state: ReturnType<Held['state']> = 'held';
  const beat = setInterval(() => input.write('\n'), beatMs).unref();
  const end = (how: 'ended' | 'lost') => {
    clearInterval(beat);
    if (state === 'held') {
      state = how;
      // Whoever uses the connection learns of it there.
      user.lose(new Error('what this run held on the host was given up there'));
    }
  };
  const ended = running.ended.then(
    // It ends well by itself only when it heard nothing, which is as if the connection were lost.
    ({ exit }) => end(exit === 0 ? 'lost' : 'ended'),
    () => end('lost'),
  );
  return {
    state: () => state,
    async release() {
      state = state === 'held' ? 'released' : state;
      clearInterval(beat);
      input.end();
      await ended;
    },
  };
}
