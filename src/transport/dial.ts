import { connect, type Socket } from 'node:net';
import { seconds } from './error.ts';

/**
 * A connected TCP socket without Nagle's delay, which costs 40 ms on every command.
 *
 * @throws Error with a `code`: `ECONNREFUSED`, `ENOTFOUND`, `ETIMEDOUT` after `timeoutMs`
 */
export function dial(address: string, port: number, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, noDelay: true, keepAlive: true });
    const timer = setTimeout(() => {
      const message = `no answer from ${address} port ${port} within ${seconds(timeoutMs)} s`;
      socket.destroy(Object.assign(new Error(message), { code: 'ETIMEDOUT' }));
    }, timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    // Stays for good: an 'error' nobody listens for would end the process.
    socket.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
