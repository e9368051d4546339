import type { Socket } from 'node:net';
import type { Loss, Outcome, WatchTarget } from '../core/watch.ts';
import { Answer } from './answer.ts';
import { dial } from './dial.ts';

/** Later than this a timer is only when the event loop was busy. */
const BUSY_MS = 5;

/** What a request waits for: TCP, the TLS handshake, the answer. */
type Stage = 'TCP' | 'TLS' | 'HTTP';

const TIMEOUTS: Readonly<Record<Stage, Loss>> = {
  TCP: 'not connected',
  TLS: 'TLS not answered',
  HTTP: 'not answered',
};

const ERRORS: Readonly<Record<string, Loss>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ETIMEDOUT: 'not connected',
};

/**
 * One GET over a TCP connection of its own.
 *
 * @param ended called exactly once, after `timeoutMs` at the latest (a busy event loop apart)
 */
export function exchange(target: WatchTarget, timeoutMs: number, ended: (outcome: Outcome) => void): void {
  const { path, host, tls = false } = target;
  const socket = dial(target);
  const answer = new Answer();
  let stage: Stage = 'TCP';
  let hasEnded = false;
  let timer = giveTime(timeoutMs);

  // Time in which this process was busy, and read no answer that may have waited, is given once more.
  function giveTime(ms: number): NodeJS.Timeout {
    const dueMs = performance.now() + ms;
    return setTimeout(() => {
      const lateMs = performance.now() - dueMs;
      if (lateMs > BUSY_MS) {
        timer = giveTime(lateMs);
      } else {
        lose(TIMEOUTS[stage]);
      }
    }, ms);
  }
  function end(outcome: Outcome): void {
    if (!hasEnded) {
      hasEnded = true;
      clearTimeout(timer);
      (outcome.is === 'answered' ? letServerClose : destroy)(socket, timeoutMs);
      ended(outcome);
    }
  }
  function lose(reason: Loss): void {
    end({ is: 'lost', reason });
  }
  function ask(): void {
    stage = 'HTTP';
    // HTTP/1.0: no chunks, and the server closes.
    socket.write(`GET ${path} HTTP/1.0\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  }

  socket.once('connect', () => (tls ? (stage = 'TLS') : ask()));
  socket.once('secureConnect', ask);
  socket.on('data', (chunk: Buffer) => {
    answer.push(chunk);
    if (answer.isDecided) {
      end(answer.outcome());
    }
  });
  socket.once('end', () => end(answer.outcome()));
  socket.on('error', (error: NodeJS.ErrnoException) => lose(lossOf(error, stage)));
}

function lossOf({ code = '', message }: NodeJS.ErrnoException, stage: Stage): Loss {
  const known = ERRORS[code];
  if (known !== undefined) {
    return known;
  }
  return stage === 'TLS' ? 'TLS failed' : `error ${code === '' ? message : code}`;
}

/** Whoever closes first keeps the port for a minute (TIME_WAIT): at 1000 requests a second all would be used up here. */
function letServerClose(socket: Socket, timeoutMs: number): void {
  socket.once('end', () => socket.destroy());
  socket.setTimeout(timeoutMs, () => socket.destroy());
  socket.unref();
}

function destroy(socket: Socket): void {
  socket.destroy();
}
