import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import type { Unreachable } from '../core/error.ts';
import { ConnectionLost, NoMoreSessions } from './error.ts';
import type { Link } from './link.ts';

const OPEN_TRIES = 7;

/**
 * A channel on which `line` runs.
 *
 * @param attach is called in the tick the channel opens: 'exit' may sit in the same TCP segment,
 * and a listener added after an await would miss it
 * @throws Error the connection is gone, or the host refused the channel 7 times within 0.6 s
 */
export async function openChannel(
  link: Link,
  line: string,
  attach: (channel: ClientChannel) => void,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await open(link, line, attach);
      return;
    } catch (error) {
      // sshd refuses while it still reaps finished sessions (MaxSessions).
      const refused = error instanceof Error && error.message.includes('Channel open failure');
      if (!refused || tries === OPEN_TRIES || link.lost() !== undefined) {
        throw error;
      }
      await sleep(10 * 2 ** (tries - 1), undefined, { ref: false });
    }
  }
}

function open(link: Link, line: string, attach: (channel: ClientChannel) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    // Throws synchronously when the socket is closed; inside a promise that is a rejection.
    link.client.exec(line, (error, channel) => {
      if (error) {
        reject(error);
        return;
      }
      attach(channel);
      resolve();
    });
  });
}

/** Why no channel was opened for a command. */
export function channelFailed(link: Link, shown: string, error: unknown): Unreachable {
  const { host } = link.target;
  const lost = link.lost();
  const cause = error instanceof Error ? error : new Error(String(error));
  if (lost !== undefined || cause.message === 'Not connected') {
    return new ConnectionLost(host, shown, lost ?? cause);
  }
  return new NoMoreSessions(
    {
      host,
      what: 'the host does not start another command on this connection',
      why: [cause.message],
      command: shown,
      hint: 'raise MaxSessions in /etc/ssh/sshd_config to its default, 10',
    },
    { cause },
  );
}
