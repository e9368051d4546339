import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'ssh2';
import type { Connection } from '../core/connection.ts';
import { Unreachable } from '../core/error.ts';
import type { Target } from '../core/inventory.ts';
import type { Secret } from '../core/secret.ts';
import { type Credentials, readCredentials } from './credentials.ts';
import { dial } from './dial.ts';
import { hostKeyAlgorithms, hostKeyRefused, judgeHostKey, keysOfTarget } from './host-key.ts';
import { type KnownKey, readKnownHosts } from './known-hosts.ts';
import { Meter } from './meter.ts';
import { SshConnection } from './ssh-connection.ts';
import { isTransient, unreachable } from './unreachable.ts';

export interface ConnectOptions {
  /** Further tries after a refused or reset connection, within the target's connect timeout. */
  readonly retries?: number;
  /** Wait before the first retry, doubled each time. */
  readonly backOffMs?: number;
  /** A silent host is given up after three of these. */
  readonly keepaliveMs?: number;
  /** How long a killed command has between SIGTERM and SIGKILL. */
  readonly killGraceMs?: number;
  /** Hidden in commands as errors show them and in what hosts say on stderr; the target's passwords always are. */
  readonly secrets?: readonly Secret[];
}

/**
 * An authenticated connection to a host whose key is known.
 *
 * @throws Unreachable also when the host key is unknown, changed or revoked; nothing was sent then
 */
export function connect(target: Target, options: ConnectOptions = {}): Promise<Connection> {
  return connectOver(target, options);
}

async function connectOver(target: Target, options: ConnectOptions): Promise<SshConnection> {
  const meter = new Meter();
  try {
    const [credentials, keys] = await Promise.all([
      readCredentials(target),
      readKnownHosts(target.knownHostsFiles),
    ]);
    const attempt = { target, credentials, keys: keysOfTarget(keys, target), meter };
    const { client, socket } = await withRetries(attempt, options);
    const parts = {
      target,
      client,
      socket,
      meter,
      secrets: secretsOf(target, options),
      nonce: randomBytes(6).toString('base64url'),
      killGraceMs: options.killGraceMs ?? 2_000,
    };
    return new SshConnection(parts, () => connectOver(target, options));
  } catch (error) {
    throw unreachable(target, error);
  }
}

function secretsOf({ password, become }: Target, { secrets = [] }: ConnectOptions): readonly Secret[] {
  return [...secrets, password, become.password].filter((secret) => secret !== undefined);
}

interface Attempt {
  readonly target: Target;
  readonly credentials: Credentials;
  readonly keys: readonly KnownKey[];
  readonly meter: Meter;
}

interface Opened {
  readonly client: Client;
  readonly socket: Socket;
}

async function withRetries(attempt: Attempt, options: ConnectOptions): Promise<Opened> {
  const { retries = 2, backOffMs = 250 } = options;
  const deadline = performance.now() + attempt.target.connectTimeoutMs;
  for (let tried = 0; ; tried += 1) {
    try {
      return await open(attempt, deadline - performance.now(), options);
    } catch (error) {
      const waitMs = backOffMs * 2 ** tried;
      if (tried >= retries || !isTransient(error) || performance.now() + waitMs >= deadline) {
        throw error;
      }
      await sleep(waitMs);
    }
  }
}

async function open(attempt: Attempt, timeoutMs: number, options: ConnectOptions): Promise<Opened> {
  const { target, meter } = attempt;
  const startedAt = performance.now();
  // The host answers while ssh2 is being loaded.
  const dialling = dial(target.address, target.port, timeoutMs);
  // Handled where it is awaited below: until then a refusal must not count as unhandled.
  dialling.catch(() => {});
  const { login } = await import('./ssh.ts');
  const socket = await dialling;
  meter.countSocket(socket);
  let refused: Unreachable | undefined;
  try {
    const client = await login({
      socket,
      user: target.user,
      credentials: attempt.credentials,
      hostKeyAlgorithms: hostKeyAlgorithms(attempt.keys),
      acceptsHostKey: (shown) => {
        const judged = judgeHostKey(attempt.keys, shown);
        refused = judged.verdict === 'known' ? undefined : hostKeyRefused(target, shown, judged);
        return refused === undefined;
      },
      timeoutMs: Math.max(1, timeoutMs - (performance.now() - startedAt)),
      keepaliveMs: options.keepaliveMs ?? 15_000,
    });
    return { client, socket };
  } catch (error) {
    throw refused ?? error;
  }
}
