import type { Connection, Held } from '../core/connection.ts';
import { HostFailed, Locked, RunError } from '../core/error.ts';
import type { Facts } from '../core/facts.ts';
import type { ClusterHost } from '../core/role.ts';
import { rawScript, type Script } from '../core/script.ts';
import { factsFrom, hostFacts } from '../queries/facts.ts';
import { holdLock } from '../stages/lock.ts';
import { probe } from '../stages/probe.ts';
import { pauseFor } from './pause.ts';

const SCRIPT_TIMEOUT_MS = 30_000;
/** What answers at all answers sooner. */
const ALIVE_TIMEOUT_MS = 5_000;
/** A host that went away silently keeps the lock until it has heard nothing of us for a minute. */
const LOCK_RETRY_MS = 75_000;

export interface HostAccess {
  readonly connect: () => Promise<Connection>;
  /** Tells others who holds the lock. */
  readonly lockHolder: string;
}

/** One host in the course of a drill: locked, and connected anew whenever a fault has cut the connection. */
export class DrillHost {
  readonly host: ClusterHost;
  readonly #access: HostAccess;
  #connection: Connection | undefined;
  #alive: Promise<unknown> = Promise.resolve();
  #lock: Held | undefined;
  #facts: Facts | undefined;

  constructor(host: ClusterHost, access: HostAccess) {
    this.host = host;
    this.#access = access;
  }

  get name(): string {
    return this.host.name;
  }

  /** Locks the host until `end`. @throws Locked somebody else works on it */
  async begin(): Promise<void> {
    const connection = await this.connection();
    this.#lock = await holdLock(connection, this.#access.lockHolder);
    this.#facts = factsFrom(await probe(connection, [hostFacts]));
  }

  /** What the host was before anything was broken. */
  get facts(): Facts {
    if (this.#facts === undefined) {
      throw new Error(`${this.name} has not been read`);
    }
    return this.#facts;
  }

  /** A connection that answers; made anew, and a locked host locked again, when the last one does not any more. */
  async connection(): Promise<Connection> {
    // One at a time: two who find it dead would each make a new one.
    const next = this.#alive.then(
      () => this.#aliveConnection(),
      () => this.#aliveConnection(),
    );
    this.#alive = next;
    return next;
  }

  /** Stdout of a script that ended well. @throws HostFailed it did not */
  async run(what: string, script: Script): Promise<string> {
    const connection = await this.connection();
    const { exit, signal, stdout, stderr } = await connection.exec(script, { timeoutMs: SCRIPT_TIMEOUT_MS });
    if (exit !== 0) {
      throw new HostFailed({
        host: this.name,
        what,
        ended: exit === undefined ? `signal ${signal}` : `exit ${exit}`,
        why: stderr.trim().split('\n').filter(Boolean).slice(-5),
      });
    }
    return stdout.toString('utf8');
  }

  /** Whether a script ends with 0. */
  async answers(script: Script): Promise<boolean> {
    const connection = await this.connection();
    return (await connection.exec(script, { timeoutMs: SCRIPT_TIMEOUT_MS })).exit === 0;
  }

  async end(): Promise<void> {
    // A host that does not answer releases the lock by itself, once its end of the connection is closed.
    const isThere = this.#connection !== undefined && (await isAlive(this.#connection));
    if (isThere) {
      await this.#lock?.release();
    }
    await this.#connection?.close();
  }

  async #aliveConnection(): Promise<Connection> {
    if (this.#connection !== undefined && (await isAlive(this.#connection))) {
      return this.#connection;
    }
    await this.#connection?.close();
    this.#connection = undefined;
    const connection = await this.#access.connect();
    this.#connection = connection;
    if (this.#lock !== undefined) {
      this.#lock = await this.#lockAgain(connection);
    }
    return connection;
  }

  async #lockAgain(connection: Connection): Promise<Held> {
    const deadline = performance.now() + LOCK_RETRY_MS;
    for (;;) {
      try {
        return await holdLock(connection, this.#access.lockHolder);
      } catch (error) {
        const isOurs =
          error instanceof Locked && error.trouble.why?.includes(this.#access.lockHolder) === true;
        if (!isOurs || performance.now() > deadline) {
          throw error;
        }
        await pauseFor(250);
      }
    }
  }
}

async function isAlive(connection: Connection): Promise<boolean> {
  try {
    return (await connection.exec(rawScript(':'), { timeoutMs: ALIVE_TIMEOUT_MS })).exit === 0;
  } catch (error) {
    if (error instanceof RunError) {
      return false;
    }
    throw error;
  }
}
