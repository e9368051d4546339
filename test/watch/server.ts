import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { WatchTarget } from '../../src/core/watch.ts';
import { CERTIFICATE, KEY } from './certificate.ts';

const CONTEXT = createSecureContext({ key: KEY, cert: CERTIFICATE });

/** What a server does with one connection; it tells of the request when it reads one. */
export type Behaviour = (socket: Socket, hear: (request: string) => void) => void;

/** Says `text` once the request has come, and closes in order. */
export const says =
  (text: string, afterMs = 0): Behaviour =>
  (socket, hear) => {
    socket.once('data', (request) => {
      hear(request.toString());
      setTimeout(() => socket.end(text), afterMs);
    });
    socket.resume();
  };
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n';
export const answersAfter = (ms: number) => says(OK, ms);
export const answers = answersAfter(0);
export const staysSilent: Behaviour = () => {};

/** Closed with the request unread, a socket sends RST; Node's own resetAndDestroy may send FIN first. */
export const resets: Behaviour = (socket) => {
  setTimeout(() => socket.destroy(), 50);
};

/** Answers as TLS does, with a certificate that nobody trusts. */
export const overTls =
  (behave: Behaviour): Behaviour =>
  (socket, hear) => {
    const secure = new TLSSocket(socket, { isServer: true, secureContext: CONTEXT });
    secure.on('error', () => {});
    behave(secure, hear);
  };

export interface TestServer {
  readonly port: number;
  /** Requests that were read. */
  readonly seen: readonly string[];
  close(): void;
}

/** A server that treats its n-th connection as `behaviours[n]` says, others as `otherwise`. */
export async function serverWith(
  behaviours: Readonly<Record<number, Behaviour>>,
  { otherwise = answers, port = 0 }: { readonly otherwise?: Behaviour; readonly port?: number } = {},
): Promise<TestServer> {
  const seen: string[] = [];
  const sockets: Socket[] = [];
  let count = 0;
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    const behave = behaviours[count++] ?? otherwise;
    behave(socket, (request) => seen.push(request));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

/** A port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export function at(port: number, wanted: Partial<WatchTarget> = {}): WatchTarget {
  return { address: '127.0.0.1', port, path: '/', host: '127.0.0.1', ...wanted };
}
