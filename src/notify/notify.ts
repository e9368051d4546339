import type { DriftReport } from '../core/drift.ts';
import type { Notification, NotifyTarget } from '../core/notify.ts';
import { deliver, nameOf, type Delivery } from './deliver.ts';
import { changeToTell, digestOf, standing, type Sender } from './message.ts';
import { alone, keyOf, readOutbox, writeOutbox, type Outbox, type Waiting } from './outbox.ts';

/** A message that is older than this says nothing any more. */
const EXPIRES_MS = 24 * 60 * 60 * 1000;

export interface NotifyOrder {
  readonly targets: readonly NotifyTarget[];
  /** Where it is kept what was told. */
  readonly file: string;
  readonly sender: Sender;
  /** The controller's clock. */
  readonly now: Date;
  readonly delivery?: Delivery;
}

/** What became of the messages. */
export interface Notified {
  /** Messages that got there. */
  readonly delivered: number;
  /** Those that did not, and why; they are tried again after the next check. */
  readonly failed: readonly string[];
}

/**
 * Tells people what has changed since they were told last, and once a day how everything stands if they want it.
 *
 * A message that does not get there waits for the next check, unless there is a newer one by then.
 *
 * @throws Error what was told cannot be kept
 */
export async function notify(report: DriftReport, order: NotifyOrder): Promise<Notified> {
  const done = await alone(order.file, async () => {
    const before = withMessages(report, await readOutbox(order.file), order);
    // Kept before anything is sent: a crash in between sends once more, and forgets nothing.
    await writeOutbox(order.file, before);
    const results = await Promise.all(
      order.targets.map(async (target) => {
        const key = keyOf(target);
        const waiting = before.waiting[key];
        const why =
          waiting === undefined ? undefined : await deliver(target, waiting.message, order.delivery);
        return { key, target, waiting, why };
      }),
    );
    const failed = results.filter(({ why }) => why !== undefined);
    const waiting = Object.fromEntries(
      failed.flatMap(({ key, waiting: message }) => (message === undefined ? [] : [[key, message]])),
    );
    await writeOutbox(order.file, { ...before, waiting });
    return {
      delivered: results.filter((one) => one.waiting !== undefined && one.why === undefined).length,
      failed: failed.map(({ target, why }) => `${nameOf(target)}: ${why}`),
    };
  });
  return done ?? { delivered: 0, failed: [] };
}

function withMessages(report: DriftReport, outbox: Outbox, { targets, sender, now }: NotifyOrder): Outbox {
  const { told } = outbox;
  const change = changeToTell(report, told, sender);
  const waiting: Record<string, Waiting> = {};
  const digests: Record<string, string> = {};
  for (const target of targets) {
    const key = keyOf(target);
    const day = dueDigest(target, outbox.digests[key], now);
    const digest = day === undefined ? undefined : digestOf(report, told, sender);
    const message: Notification | undefined = change ?? digest;
    const old = outbox.waiting[key];
    const kept = old !== undefined && now.getTime() - Date.parse(old.since) < EXPIRES_MS ? old : undefined;
    const next = message === undefined ? kept : { message, since: now.toISOString() };
    if (next !== undefined) {
      waiting[key] = next;
    }
    const last = day ?? outbox.digests[key];
    if (last !== undefined) {
      digests[key] = last;
    }
  }
  return { told: standing(report, told), digests, waiting };
}

/** The day of which a digest has to be sent now. */
function dueDigest({ digest }: NotifyTarget, last: string | undefined, now: Date): string | undefined {
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(twoDigits).join('-');
  const time = [now.getHours(), now.getMinutes()].map(twoDigits).join(':');
  return digest !== undefined && last !== day && time >= digest ? day : undefined;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
