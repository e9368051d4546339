import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { CommandTarget, MailTarget, Notification, NotifyTarget, WebhookTarget } from '../core/notify.ts';
import { mailText } from './mail.ts';
import { bodyFor } from './shapes.ts';

const SENDMAIL = '/usr/sbin/sendmail';
const TIMEOUT_MS = 10_000;
/** Between tries; one more than there are pauses. */
const PAUSES_MS: readonly number[] = [1000, 4000];

/** How messages get out; tests hurry it. */
export interface Delivery {
  readonly sendmail?: string;
  readonly pausesMs?: readonly number[];
  readonly timeoutMs?: number;
}

/** It did not get there; the text is free of secrets. */
class NotDelivered extends Error {
  override readonly name = 'NotDelivered';
  /** Nothing that time heals. */
  readonly isFinal: boolean;

  constructor(why: string, isFinal = false) {
    super(why);
    this.isFinal = isFinal;
  }
}

/**
 * Sends a message to one target, several times if it must be.
 *
 * @returns why it did not get there; undefined when it did
 */
export async function deliver(
  target: NotifyTarget,
  message: Notification,
  { pausesMs = PAUSES_MS, ...delivery }: Delivery = {},
): Promise<string | undefined> {
  for (let tries = 0; ; tries += 1) {
    try {
      await send(target, message, delivery);
      return undefined;
    } catch (error) {
      if (!(error instanceof NotDelivered)) {
        throw error;
      }
      const pauseMs = pausesMs[tries];
      if (error.isFinal || pauseMs === undefined) {
        return error.message;
      }
      await pause(pauseMs);
    }
  }
}

/** What a target is called where its address is a secret. */
export function nameOf(target: NotifyTarget): string {
  switch (target.kind) {
    case 'webhook':
      return `webhook (${target.shape})`;
    case 'mail':
      return `mail to ${target.to.join(', ')}`;
    case 'command':
      return `command ${target.run[0]}`;
  }
}

function send(target: NotifyTarget, message: Notification, delivery: Delivery): Promise<void> {
  switch (target.kind) {
    case 'webhook':
      return post(target, message, delivery);
    case 'mail':
      return mail(target, message, delivery);
    case 'command':
      return tellCommand(target, message, delivery);
  }
}

async function post(
  target: WebhookTarget,
  message: Notification,
  { timeoutMs = TIMEOUT_MS }: Delivery,
): Promise<void> {
  let status: number;
  try {
    const response = await fetch(target.url.reveal(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(bodyFor(target, message)),
      // Another address than the one that was declared is not to be told anything.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.arrayBuffer();
    ({ status } = response);
  } catch (error) {
    throw new NotDelivered(withoutAddress(error));
  }
  if (status < 200 || status > 299) {
    throw new NotDelivered(`it answered ${status}`, status < 500 && status !== 429 && status !== 408);
  }
}

/** Messages of `fetch` may quote the address. */
function withoutAddress(error: unknown): string {
  if (!(error instanceof Error)) {
    return 'no answer';
  }
  if (error.name === 'TimeoutError') {
    return 'no answer in time';
  }
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return code === undefined
    ? 'it cannot be reached: is the address a URL?'
    : `it cannot be reached (${code})`;
}

function mail(target: MailTarget, message: Notification, delivery: Delivery): Promise<void> {
  const { sendmail = SENDMAIL } = delivery;
  return feed([sendmail, '-i', '-t'], mailText(target, message, new Date()), delivery);
}

function tellCommand({ run }: CommandTarget, message: Notification, delivery: Delivery): Promise<void> {
  return feed(run, `${JSON.stringify(message)}\n`, delivery);
}

/** Runs a program with `text` on its stdin; it may not run longer than a webhook may. */
function feed(
  [file = '', ...args]: readonly string[],
  text: string,
  { timeoutMs = TIMEOUT_MS }: Delivery,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'pipe'], detached: true });
    let stderr = '';
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      if (child.pid !== undefined) {
        process.kill(-child.pid, 'SIGKILL');
      }
    }, timeoutMs);
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr = `${stderr}${chunk}`.slice(-500);
    });
    // One that does not read is told by its exit code.
    child.stdin.on('error', () => {});
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(new NotDelivered(`${file} cannot be run: ${error.message}`, true));
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) {
        resolve();
        return;
      }
      const how = isOver ? 'did not end in time' : `ended with ${code ?? signal}`;
      const said = stderr.trim().split('\n').at(-1) ?? '';
      reject(new NotDelivered(`${file} ${how}${said === '' ? '' : `: ${said}`}`));
    });
    child.stdin.end(text);
  });
}
