import type { Observation } from '../core/drift.ts';
import { covers, excludeEachOther, type Socket, type TcpListener } from '../queries/listener.ts';

/** Where a program is to listen, and where it may besides. */
export interface Listening {
  readonly host: string;
  /** As `ss` names its processes: `nginx`. */
  readonly program: string;
  readonly wanted: readonly Socket[];
  /** Sockets of a configuration that is not all declared; undefined when it cannot be told which. */
  readonly besides: readonly Socket[] | undefined;
}

/**
 * Where the listeners of a host are not the configuration's: a socket that nobody or somebody else has, and one of
 * the program's own that it is not to have. A program that does not run at all is no matter of listeners.
 */
export function listenerObservations(
  listening: Listening,
  listeners: readonly TcpListener[],
): readonly Observation[] {
  const { program, wanted, besides } = listening;
  const isOwn = ({ processes }: TcpListener) => processes.some(({ name }) => name === program);
  const own = listeners.filter(isOwn);
  const others = listeners.filter((listener) => !isOwn(listener));
  const missing = wanted.filter((socket) => !own.some((listener) => covers(listener, socket)));
  const absent = missing.flatMap((socket) => {
    const taken = others.find((listener) => excludeEachOther(listener, socket));
    const isGone = own.length > 0;
    return taken === undefined && !isGone
      ? []
      : [observation(listening, socket, { expected: program, found: taken ? holder(taken) : 'nobody' })];
  });
  const strays = own.filter(
    (listener) => besides !== undefined && ![...wanted, ...besides].some((one) => covers(one, listener)),
  );
  const found = `${program}, beside its configuration`;
  return [
    ...absent,
    ...distinct(strays).map((socket) => observation(listening, socket, { expected: 'nobody', found })),
  ];
}

function observation(
  { host }: Listening,
  { address, port }: Socket,
  { expected, found }: { readonly expected: string; readonly found: string },
): Observation {
  const shown = address.includes(':') ? `[${address}]` : address;
  return {
    host,
    item: `${shown}:${port}/tcp`,
    class: 'listener',
    severity: 'drift',
    expected,
    found,
    ofVariables: true,
    hint: `see on ${host}: ss -Htlnp sport = :${port}`,
  };
}

function holder({ processes: [process] }: TcpListener): string {
  return process?.name ?? 'no process that ss names';
}

/** One process or many, a socket is told once. */
function distinct(sockets: readonly Socket[]): readonly Socket[] {
  return sockets.filter(
    ({ address, port }, index) =>
      sockets.findIndex((other) => other.address === address && other.port === port) === index,
  );
}
