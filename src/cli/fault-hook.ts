import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { InvalidInput } from '../core/error.ts';
import type { RunEvent } from '../core/event.ts';

/** What a person would call a step of a run that may change something, at its beginning or its end. */
const BOUNDARIES: readonly RunEvent['type'][] = [
  'planned',
  'host-step',
  'host-started',
  'change-deferred',
  'change-started',
  'change-done',
  'host-done',
  'check-judged',
  'rollback-started',
  'change-undone',
  'rollback-ended',
];

const FAULT = /^(?<deed>kill|cut|stop)@(?<every>every )?(?<place>.+?)(?:\+(?<delayMs>\d+))?$/;

/** A fault, and where. */
interface Fault {
  readonly deed: string;
  /** Not only the first time. */
  readonly isRepeated: boolean;
  readonly isAt: (boundary: number, name: string) => boolean;
  readonly delayMs: number;
}

/**
 * For tests only, asked for with `RUN_PLAYBOOK_FAULT`: faults of this program at step boundaries. `kill@3` ends it by SIGKILL at the third of
 * the run, `cut@3` resets its connections, `stop@3` is SIGINT to it; `kill@done svr1 service` at the first one that this pattern matches, `cut@every check` at all
 * of them; `kill@3+200` 200 ms later. Several are separated by `;`, and `count` only tells the boundaries.
 *
 * @param stderr is told each boundary
 * @returns what has to hear the run's events
 */
export function plantFault(wanted: string, stderr: NodeJS.WritableStream): (event: RunEvent) => void {
  const faults = new Set(wanted === 'count' ? [] : wanted.split(';').map(parse));
  const sockets = openSockets();
  const deeds: Readonly<Record<string, () => void>> = {
    kill: () => process.kill(process.pid, 'SIGKILL'),
    // Heard at once: a signal that is sent would come some milliseconds into the next step.
    stop: () => process.emit('SIGINT'),
    cut: () => sockets.forEach((socket) => socket.resetAndDestroy()),
  };
  let boundary = 0;
  const times = new Map<string, number>();
  return (event) => {
    if (!BOUNDARIES.includes(event.type)) {
      return;
    }
    boundary += 1;
    const name = nameOf(event, times);
    stderr.write(`boundary ${boundary}: ${name}\n`);
    for (const fault of [...faults].filter(({ isAt }) => isAt(boundary, name))) {
      const { deed, delayMs } = fault;
      const act = deeds[deed] ?? (() => {});
      if (!fault.isRepeated) {
        faults.delete(fault);
      }
      if (delayMs === 0) {
        act();
      } else {
        setTimeout(act, delayMs);
      }
    }
  };
}

/** @throws InvalidInput it is none */
function parse(text: string): Fault {
  const { deed, every, place = '', delayMs = 0 } = FAULT.exec(text)?.groups ?? {};
  if (deed === undefined) {
    throw new InvalidInput([
      {
        what: `RUN_PLAYBOOK_FAULT=${text}: no such fault`,
        hint: 'kill@N, cut@N, stop@N, N a number or a pattern, or every and a pattern, each with +MS; several with ; or count',
      },
    ]);
  }
  const isNumber = /^\d+$/.test(place);
  const pattern = new RegExp(place);
  return {
    deed,
    isRepeated: every !== undefined,
    isAt: (boundary, name) => (isNumber ? boundary === Number(place) : pattern.test(name)),
    delayMs: Number(delayMs),
  };
}

/** `change-done svr1 service nginx`; followed by which time it is, from the second on. */
function nameOf(event: RunEvent, times: Map<string, number>): string {
  const parts = ['host', 'id', 'step', 'check'].map((key): unknown => Reflect.get(event, key));
  const name = [event.type, ...parts.filter((part) => part !== undefined)].join(' ');
  const time = (times.get(name) ?? 0) + 1;
  times.set(name, time);
  return time === 1 ? name : `${name} ${time}`;
}

function openSockets(): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { readonly socket: Socket };
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}
