import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import type { WatchTarget } from '../core/watch.ts';

let context: SecureContext | undefined;

/** A connection to a target that is being made; over TLS it emits `secureConnect` when it can be used. */
export function dial({ address, port, host, tls = false }: WatchTarget): Socket {
  const where = { host: address, port, noDelay: true };
  if (!tls) {
    return connect(where);
  }
  // Made for every connection it would cost a millisecond each.
  context ??= createSecureContext();
  const name = host.replace(/:\d+$/, '');
  const servername = isIP(name) === 0 ? name : '';
  return connectTls({ ...where, secureContext: context, servername, rejectUnauthorized: false });
}
