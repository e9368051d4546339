import { refuseFailed, type Family, type Query } from '../core/query.ts';
import { rawScript } from '../core/script.ts';

/** Where connections are taken. */
export interface Socket {
  /** `0.0.0.0` for all of IPv4, `::` for all of IPv6, `*` for both; without brackets. */
  readonly address: string;
  readonly port: number;
}

/** A TCP socket that something listens on. */
export interface TcpListener extends Socket {
  /** Empty when it is no process of this host. */
  readonly processes: readonly Process[];
}

export interface Process {
  readonly name: string;
  readonly pid: number;
}

const listeners: Family<readonly TcpListener[]> = {
  name: 'listeners',
  scripts: () => [rawScript('ss -Hltnp')],
  parse([frame], keys) {
    refuseFailed('ss', frame, 0);
    const found = (frame?.stdout.toString('utf8') ?? '').split('\n').flatMap(parseListener);
    return new Map(keys.map((key) => [key, found]));
  },
};

/** Every TCP socket on which a host listens, with its processes. */
export const tcpListeners: Query<readonly TcpListener[]> = { family: listeners, key: 'tcp' };

/** Whether two programs that know nothing of each other cannot both listen there. */
export function excludeEachOther(one: Socket, other: Socket): boolean {
  return covers(one, other) || covers(other, one);
}

/** Whether what comes to the other socket comes to this one. */
export function covers({ address, port }: Socket, other: Socket): boolean {
  const isV6 = other.address.includes(':');
  const isV4 = !isV6 && other.address !== '*';
  return (
    port === other.port &&
    (address === other.address ||
      address === '*' ||
      (address === '::' && isV6) ||
      (address === '0.0.0.0' && isV4))
  );
}

/** `LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=43,fd=5))`, the address perhaps with `%` and an interface. */
function parseListener(line: string): readonly TcpListener[] {
  const [, , , local = ''] = line.trim().split(/\s+/);
  const [, address = '', port] = /^(.+):(\d+)$/.exec(local) ?? [];
  const processes = [...line.matchAll(/\("((?:[^"\\]|\\.)*)",pid=(\d+),/g)].map(([, name = '', pid]) => ({
    name,
    pid: Number(pid),
  }));
  return port === undefined
    ? []
    : [{ address: address.replace(/%.*$/, '').replace(/^\[(.*)\]$/, '$1'), port: Number(port), processes }];
}
