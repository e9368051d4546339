import type { Socket } from 'node:net';
import type { Connection, Executed, ExecOptions, Held, HoldOptions } from '../core/connection.ts';
import type { Traffic } from '../core/result.ts';
import type { Script } from '../core/script.ts';
import type { Shell } from '../core/shell.ts';
import { exec } from './exec.ts';
import { Gate } from './gate.ts';
import { hasRoom, hold } from './hold.ts';
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
  readonly #again: () => Promise<SshConnection>;
  /** Connections that hold something for this one; they end with it. */
  readonly #apart = new Set<SshConnection>();

  /** @param again makes another connection to the same host */
  constructor(open: OpenConnection, again: () => Promise<SshConnection>) {
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
    this.#again = again;
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

  async hold(script: Script, options: HoldOptions): Promise<Held | Executed> {
    const held = await hold(this.#link, script, options);
    if (!('release' in held) || (await hasRoom(this.#link))) {
      return held;
    }
    await held.release();
    return this.#holdApart(script, options);
  }

  async shell(options: Parameters<Connection['shell']>[0]): Promise<Shell> {
    const { remoteShell } = await import('./shell.ts');
    return remoteShell(this.#link, options);
  }

  /** Holds it on a connection that is there for nothing else. */
  async #holdApart(script: Script, options: HoldOptions): Promise<Held | Executed> {
    const other = await this.#again();
    try {
      const held = await hold(other.#link, script, { ...options, user: this.#link });
      if (!('release' in held)) {
        await other.close();
        return held;
      }
      this.#apart.add(other);
      const release = async () => {
        await held.release();
        await other.close();
        this.#apart.delete(other);
      };
      return { state: () => held.state(), release };
    } catch (error) {
      await other.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#apart].map((other) => other.close()));
    if (this.#socket.destroyed) {
      return;
    }
    this.#link.client.end();
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_WAIT_MS);
    await this.#closed;
    clearTimeout(timer);
  }
}
