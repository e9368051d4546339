import type { Client } from 'ssh2';
import type { Target } from '../core/inventory.ts';
import type { Secret } from '../core/secret.ts';
import type { Gate } from './gate.ts';
import type { Meter } from './meter.ts';

/** What every command of one connection shares. */
export interface Link {
  readonly target: Target;
  readonly client: Client;
  /** sshd allows 10 sessions per connection (MaxSessions); half of them, so that a kill always gets one. */
  readonly gate: Gate;
  readonly meter: Meter;
  /** Never shown: neither in commands nor in what the host says of them on stderr. */
  readonly secrets: readonly Secret[];
  /** Marks our own bytes in a command's output; unlike for every connection. */
  readonly nonce: string;
  /** How long SIGTERM has before SIGKILL follows. */
  readonly killGraceMs: number;
  /** Why the connection is unusable; undefined while it is usable. */
  lost(): Error | undefined;
  /** Ends the connection at once; whatever still runs on it is lost for this reason. */
  lose(cause: Error): void;
}
