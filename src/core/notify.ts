import type { Finding } from './drift.ts';
import type { Secret } from './secret.ts';

/** Goes up when a field of a message is removed or means something else. */
export const NOTIFY_VERSION = 1;

/** Where people are told, in the shape of roles/drift/notify.ts. */
export type NotifyTarget = WebhookTarget | MailTarget | CommandTarget;

export interface WebhookTarget {
  readonly kind: 'webhook';
  /** Who has it can write to the channel: it is a secret. */
  readonly url: Secret;
  readonly shape: 'json' | 'slack' | 'teams';
  /** `07:30`, of the controller's clock: a digest is sent once a day, from then on. */
  readonly digest?: string | undefined;
}

export interface MailTarget {
  readonly kind: 'mail';
  readonly to: readonly string[];
  readonly from?: string | undefined;
  readonly digest?: string | undefined;
}

export interface CommandTarget {
  readonly kind: 'command';
  /** A program and its arguments; the message comes as JSON on its stdin. */
  readonly run: readonly string[];
  readonly digest?: string | undefined;
}

/** How hosts stand, as far as somebody has to be told. */
export type DriftState = 'in-sync' | 'drifted' | 'unreachable' | 'degraded';

/** What people are told; every text is free of secrets. */
export interface Notification {
  readonly version: typeof NOTIFY_VERSION;
  readonly kind: 'drift';
  /** `worse`: something new is wrong; `recovered`: nothing is any more; `digest`: once a day. */
  readonly event: 'worse' | 'recovered' | 'digest';
  readonly state: DriftState;
  readonly before: DriftState;
  readonly playbook: string;
  /** Name of the project's folder. */
  readonly project: string;
  /** Where the check was made. */
  readonly from: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Of the check: `run-playbook drift show ID`. */
  readonly check: string;
  /** Everything that is wrong now, heaviest first. */
  readonly findings: readonly NotifiedFinding[];
  /** Hosts that do not answer. */
  readonly unreachable: readonly string[];
}

export interface NotifiedFinding extends Pick<
  Finding,
  'id' | 'host' | 'class' | 'item' | 'severity' | 'expected' | 'found'
> {
  /** Not told before. */
  readonly isNew: boolean;
}
