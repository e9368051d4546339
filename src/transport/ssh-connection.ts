import type { Socket } from 'node:net';
import type { Connection, Executed, ExecOptions, Held, HoldOptions } from '../core/connection.ts';
import type { Traffic } from '../core/result.ts';
import type { Script } from '../core/script.ts';
import type { Shell } from '../core/shell.ts';
import { exec } from './exec.ts';
import { Gate } from './gate.ts';
import { hold } from './hold.ts';
import type { Link } from './link.ts';

const CHANNELS = 5;
const CLOSE_WAIT_MS = 500;

/** What the Link has from the start, and the socket under it. */
export type OpenConnection = Omit<Link, 'gate' | 'lost' | 'lose'> & { readonly socket: Socket };

/** A Connection over ssh2. */
export class SshConnection implements Connection {
  readonly host: string;
  readonly traffic: Traffic;
  readonly #link: Link;
  readonly #socket: Socket;
  readonly #closed: Promise<void>;

  constructor(open: OpenConnection) {
    const { target, client, socket } = open;
    let lost: Error | undefined;
    client.on('error', (error: Error) => {
      lost ??= error;
    });
    client.on('close', () => {
      lost ??= new Error('the connection is closed');
    });
    this.host = target.host;
    this.traffic = open.meter;
    this.#socket = socket;
    this.#closed = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
    this.#link = {
      ...open,
      gate: new Gate(CHANNELS),
      lost: () => lost,
      lose(cause) {
        lost ??= cause;
        socket.destroy();
      },
    };
  }

  exec(script: Script, options: ExecOptions): Promise<Executed> {
    return exec(this.#link, script, options);
  }

  hold(script: Script, options: HoldOptions): Promise<Held | Executed> {
    return hold(this.#link, script, options);
  }

  async shell(options: Parameters<Connection['shell']>[0]): Promise<Shell> {
    const { remoteShell } = await import('./shell.ts');
    return remoteShell(this.#link, options);
  }

  async close(): Promise<void> {
    if (this.#socket.destroyed) {
      return;
    }
    this.#link.client.end();
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_WAIT_MS);
    await this.#closed;
    clearTimeout(timer);
  }
}
