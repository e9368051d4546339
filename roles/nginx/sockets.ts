import type { ClusterHost, Socket } from 'run-playbook';
import { listenAt } from './behind-proxy.ts';
import type { NginxVars } from './vars.ts';

/** A socket that nginx is to listen on, and the variable that says so. */
export interface WantedSocket extends Socket {
  readonly path: string;
}

/** Every TCP socket of the health endpoint and of the sites, each once. */
export function wantedSockets(vars: NginxVars, host: ClusterHost): readonly WantedSocket[] {
  const listens = [
    ...listenAt(vars.port, vars, host).map((listen) => ['nginx.port', listen] as const),
    ...Object.entries(vars.sites).flatMap(([name, { listen, tls }]) => {
      const path = `nginx.sites.${name}.${listen === undefined ? 'tls' : 'listen'}`;
      const derived = tls === undefined ? [] : listenAt(443, vars, host);
      return (listen ?? derived).map((each) => [path, each] as const);
    }),
  ];
  const wanted = listens.flatMap(([path, listen]) => socketOf(path, listen));
  return wanted.filter(
    ({ address, port }, index) =>
      wanted.findIndex((other) => other.address === address && other.port === port) === index,
  );
}

/**
 * The sockets of every listen line in lines of the user's own.
 *
 * @returns undefined when one of them has a name or a range of ports, so that nobody knows which sockets it means
 */
export function socketsIn(text: string): readonly Socket[] | undefined {
  const listens = [...text.matchAll(/^\s*listen\s+([^;]+);/gm)].map(([, words = '']) => words);
  const named = listens.filter((words) => !words.startsWith('unix:'));
  const sockets = named.flatMap((words) => socketOf('', words));
  return sockets.length === named.length ? sockets : undefined;
}

/** `80`, `172.25.254.131:80 ssl`, `[::]:80` and `localhost:80` of a listen line; a name or a path is no socket to compare. */
function socketOf(path: string, listen: string | number): readonly WantedSocket[] {
  const [word = '', ...parameters] = String(listen).split(' ');
  const [, given = '*', port] = /^(?:(\*|[\d.]+|\[[\da-f:.]+\]):)?(\d+)$/i.exec(word) ?? [];
  const address = given === '*' ? '0.0.0.0' : given.replace(/^\[(.*)\]$/, '$1');
  const isBoth = address === '::' && parameters.includes('ipv6only=off');
  return port === undefined ? [] : [{ path, address: isBoth ? '*' : address, port: Number(port) }];
}
