import { connect } from 'node:net';
import { Answer } from './answer.ts';
import type { Loss, Outcome } from './sample.ts';

/** What is asked, and where. */
export interface Target {
  /** IP address; a name would be looked up for every request. */
  readonly address: string;
  readonly port: number;
  readonly path: string;
  /** Host header. */
  readonly host: string;
}

const LOSSES: Readonly<Record<string, Loss>> = {
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
export function exchange(target: Target, timeoutMs: number, ended: (outcome: Outcome) => void): void {
  const { address, port, path, host } = target;
  const socket = connect({ host: address, port, noDelay: true });
  const answer = new Answer();
  let isConnected = false;
  let hasEnded = false;
  // An answer that waits in the socket while the event loop is busy is read before its request counts as lost.
  const timer = setTimeout(
    () => setImmediate(() => lose(isConnected ? 'not answered' : 'not connected')),
    timeoutMs,
  );

  function end(outcome: Outcome): void {
    if (!hasEnded) {
      hasEnded = true;
      clearTimeout(timer);
      socket.destroy();
      ended(outcome);
    }
  }
  function lose(reason: Loss): void {
    end({ is: 'lost', reason });
  }

  socket.once('connect', () => {
    isConnected = true;
    // HTTP/1.0: no chunks, and the server closes first, so that ports are not used up here (TIME_WAIT).
    socket.write(`GET ${path} HTTP/1.0\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
  socket.on('data', (chunk: Buffer) => {
    answer.push(chunk);
    if (answer.isDecided) {
      end(answer.outcome());
    }
  });
  socket.once('end', () => end(answer.outcome()));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    lose(LOSSES[error.code ?? ''] ?? `error ${error.code ?? error.message}`);
  });
}
