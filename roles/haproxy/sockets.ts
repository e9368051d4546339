import type { Socket } from 'run-playbook';
import { addressesOf, bindsOf, type Context } from './cluster.ts';

/** Where HAProxy is to listen, as HAProxy writes it: `*` for all of IPv4, IPv6 in [ ]; and the variable that says so. */
export interface WantedSocket {
  readonly path: string;
  readonly address: string;
  readonly port: number;
  /** Whether it takes no IPv4; `[::]` does, unless its bind line says otherwise. */
  readonly v6only: boolean;
}

/** What the role knows to be bound: in a whole file of the user's, only its own port. */
export function wantedSockets({ vars, host }: Pick<Context, 'vars' | 'host'>): readonly WantedSocket[] {
  const declared = vars.config === undefined ? bindsOf(vars) : [];
  return [
    { path: 'haproxy.local.port', address: '127.0.0.1', port: vars.local.port, v6only: false },
    ...declared.flatMap(({ path, bind }) =>
      addressesOf(bind, host).map((address) => ({
        path,
        address,
        port: bind.port,
        v6only:
          address.startsWith('[') &&
          (address !== '[::]' || bind.raw.some((words) => /\bv6only\b/.test(words))),
      })),
    ),
  ];
}

/** As ss has it: `*` is both IPv4 and IPv6. */
export function atKernel({ address, port, v6only }: Omit<WantedSocket, 'path'>): Socket {
  const everywhere = { '*': '0.0.0.0', '[::]': v6only ? '::' : '*' }[address];
  return { address: everywhere ?? address.replace(/^\[(.*)\]$/, '$1'), port };
}
