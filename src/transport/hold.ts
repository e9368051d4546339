import { PassThrough } from 'node:stream';
import type { Executed, Held } from '../core/connection.ts';
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
  { timeoutMs }: { readonly timeoutMs: number },
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
      ? heldBy(running, input)
      : { ...first, stdout: Buffer.from(stdout, 'latin1'), stderr: mask(stderr, script.secrets) };
  } catch (error) {
    await running.stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function heldBy(running: RemoteProcess, input: PassThrough): Held {
  // A connection that is lost has released it: whoever uses the connection learns of that there.
  const ended = running.ended.then(
    () => {},
    () => {},
  );
  return {
    async release() {
      input.end();
      await ended;
    },
  };
}
