import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { InvalidInput } from '../core/error.ts';
import type { RunEvent } from '../core/event.ts';

const BOUNDARIES: readonly RunEvent['type'][] = [
  'change-started',
  'change-done',
  'rollback-started',
  'rollback-ended',
];

/**
 * For tests only, asked for with `RUN_PLAYBOOK_FAULT`: a fault of this program at a step boundary, counted over the run from 1: `kill@3` ends it by SIGKILL there,
 * `cut@3` resets its connections, `stop@3` sends it SIGINT; `kill@3+200` does so 200 ms later; `count` only tells the boundaries.
 *
 * @param stderr is told each boundary
 * @returns what has to hear the run's events
 */
export function plantFault(wanted: string, stderr: NodeJS.WritableStream): (event: RunEvent) => void {
  const [, deed, number, delayMs = 0] = /^(?:count|(kill|cut|stop)@(\d+)(?:\+(\d+))?)$/.exec(wanted) ?? [];
  if (deed === undefined && wanted !== 'count') {
    throw new InvalidInput([
      {
        what: `RUN_PLAYBOOK_FAULT=${wanted}: no such fault`,
        hint: 'kill@N, cut@N, stop@N, each with +MS; or count',
      },
    ]);
  }
  const sockets = new Set<Socket>();
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { readonly socket: Socket };
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const deeds: Readonly<Record<string, () => void>> = {
    kill: () => process.kill(process.pid, 'SIGKILL'),
    stop: () => process.kill(process.pid, 'SIGINT'),
    cut: () => sockets.forEach((socket) => socket.resetAndDestroy()),
  };
  let boundary = 0;
  return (event) => {
    if (!BOUNDARIES.includes(event.type)) {
      return;
    }
    boundary += 1;
    const what = ['host', 'id'].map((name) => Reflect.get(event, name) ?? '').join(' ');
    stderr.write(`boundary ${boundary}: ${event.type} ${what}\n`);
    if (boundary !== Number(number)) {
      return;
    }
    const act = deeds[deed ?? ''] ?? (() => {});
    if (delayMs === 0) {
      act();
    } else {
      setTimeout(act, Number(delayMs));
    }
  };
}
