import type { Socket } from 'node:net';
import type { Traffic } from '../core/result.ts';

/** Counts what a connection costs, in bytes on the wire; still readable after it is closed. */
export class Meter implements Traffic {
  readonly #sockets: Socket[] = [];
  #execs = 0;

  get connections(): number {
    return this.#sockets.length;
  }

  get execs(): number {
    return this.#execs;
  }

  get bytesUp(): number {
    return this.#sockets.reduce((sum, socket) => sum + socket.bytesWritten, 0);
  }

  get bytesDown(): number {
    return this.#sockets.reduce((sum, socket) => sum + socket.bytesRead, 0);
  }

  countSocket(socket: Socket): void {
    this.#sockets.push(socket);
  }

  countExec(): void {
    this.#execs += 1;
  }

  /** Own properties, so that a report can be written as JSON. */
  toJSON(): Traffic {
    const { connections, execs, bytesUp, bytesDown } = this;
    return { connections, execs, bytesUp, bytesDown };
  }
}
