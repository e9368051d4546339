import { PassThrough } from 'node:stream';
import type { Executed, Held, HoldOptions } from '../core/connection.ts';
import type { Script } from '../core/script.ts';
import { mask } from '../core/secret.ts';
import { deferred } from './deferred.ts';
import { CommandTimeout, shownCommand } from './error.ts';
import type { Link } from './link.ts';
import { RemoteProcess } from './process.ts';

/** Starts a script that goes on until it is released, see Connection.hold. */
export async function hold(
  link: Link,
  script: Script,
  { timeoutMs, beatMs }: HoldOptions,
): Promise<Held | Executed> {
  const shown = shownCommand(script);
  const input = new PassThrough();
  const said = deferred<'held'>();
  const late = deferred<never>();
  let stdout = '';
  let stderr = '';
  const running = new RemoteProcess(link, {
    text: script.text,
    shown,
    become: true,
    input,
    onStdout: (chunk) => {
      stdout += chunk.toString('latin1');
      if (/^held$/m.test(stdout)) {
        said.resolve('held');
      }
    },
    onStderr: (chunk) => {
      stderr += chunk.toString('utf8');
    },
  });
  const timer = setTimeout(
    () => late.reject(new CommandTimeout(link.target.host, shown, timeoutMs)),
    timeoutMs,
  );
  try {
    const first = await Promise.race([said.promise, running.ended, late.promise]);
    return first === 'held'
      ? heldBy(link, { running, input, beatMs })
      : { ...first, stdout: Buffer.from(stdout, 'latin1'), stderr: mask(stderr, script.secrets) };
  } catch (error) {
    await running.stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

interface Holding {
  readonly running: RemoteProcess;
  readonly input: PassThrough;
  readonly beatMs: number;
}

function heldBy(link: Link, { running, input, beatMs }: Holding): Held {
  const beat = setInterval(() => input.write('\n'), beatMs).unref();
  let isReleased = false;
  const end = () => {
    clearInterval(beat);
    // Whoever uses the connection learns of it there.
    if (!isReleased) {
      link.lose(new Error('what this run held on the host was given up there'));
    }
  };
  const ended = running.ended.then(end, end);
  return {
    async release() {
      isReleased = true;
      clearInterval(beat);
      input.end();
      await ended;
    },
  };
}
