import type { RunEvent } from '../core/event.ts';
import { pendingSteps } from '../core/plan.ts';
import type { Ink } from './ink.ts';
import { count, duration, thousands, watchedNames } from './phrases.ts';

/** One line of the live view, and what is said below it. */
export interface BoardRow {
  readonly key: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
  readonly title: string;
  readonly detail: string;
}

/** Hosts beyond which each has only one line. */
const DETAILS_UP_TO = 8;
export const VERIFY = 'verify';
const WATCH = 'watch';

type WatchEvent = Extract<RunEvent, { readonly type: `watch-${string}` }>;

interface HostWork {
  readonly total: number;
  readonly done: number;
}

/** What the live view shows, made of events alone: first the reading of the hosts, then the work on them. */
export class Board {
  readonly #ink: Ink;
  readonly #rows = new Map<string, BoardRow>();
  readonly #work = new Map<string, HostWork>();
  readonly #losses = new Map<string, string>();
  #hosts: readonly string[] = [];
  #notes: readonly string[] = [];

  constructor(ink: Ink) {
    this.#ink = ink;
  }

  get rows(): readonly BoardRow[] {
    return [...this.#rows.values()];
  }

  /** Whether there are more hosts than a screen may have lines. */
  get isCrowded(): boolean {
    return this.#hosts.length > DETAILS_UP_TO;
  }

  /** Lines below the rows that are not about one of them. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  note(line: string): void {
    this.#notes = [...this.#notes, line];
  }

  /** The notes, to be printed for good now that the board goes away. */
  takeNotes(): readonly string[] {
    const notes = this.#notes;
    this.#notes = [];
    return notes;
  }

  hear(event: RunEvent): void {
    switch (event.type) {
      case 'watch-started':
      case 'watch-lost':
      case 'watch-ended':
        this.#watch(event);
        return;
      case 'run-started':
        this.#begin(event.hosts, 'waiting');
        return;
      case 'planned':
        this.#plan(event);
        return;
      case 'check-waiting':
        this.#verify(`${event.check}: ${event.detail}`);
        return;
      case 'check-judged':
        this.#verify(`${event.check}: ${event.judgement.detail}`);
        return;
      default:
        this.#hearHost(event);
    }
  }

  #hearHost(event: Extract<RunEvent, { host: string }>): void {
    const { host } = event;
    const { total, done } = this.#work.get(host) ?? { total: 0, done: 0 };
    const progress = `${done} of ${count(total, 'change')}`;
    switch (event.type) {
      case 'host-connecting':
        return this.#set(host, 'running', 'reading');
      case 'host-waiting':
        return this.#set(host, 'running', 'waits', `for ${event.holder}`);
      case 'host-probed':
        return this.#set(host, 'done', `read in ${duration(event.ms)}`);
      case 'host-surveying':
        return this.#set(host, 'running', 'asking about its network, ports and limits');
      case 'host-unreachable':
        return this.#set(host, 'failed', `unreachable: ${event.trouble.what}`);
      case 'host-started':
        this.#work.set(host, { total: event.changes, done: 0 });
        return this.#set(host, 'running', `0 of ${count(event.changes, 'change')}`);
      case 'rollback-started':
        return this.#set(host, 'running', `taking back ${count(event.changes, 'change')}`);
      case 'rollback-ended':
        return this.#set(host, 'failed', event.rollback.left.length === 0 ? 'as before' : 'not as before');
      case 'change-started':
        return this.#set(host, 'running', progress, `${event.id}: ${event.summary}`);
      case 'change-done':
      case 'change-unneeded':
        this.#work.set(host, { total, done: done + 1 });
        return this.#set(host, 'running', `${done + 1} of ${count(total, 'change')}`);
      case 'change-deferred':
        return this.#set(host, 'running', progress, `${event.id}: later, ${event.reason}`);
      case 'change-undone':
        return this.#set(host, 'running', 'taking back', `${event.id}: taken back`);
      case 'host-step':
        return;
      case 'change-failed':
        return this.#set(host, 'running', progress, `${event.id}: failed, ${event.trouble.what}`);
      case 'host-done':
        return this.#set(host, 'done', `${count(done, 'change')} in ${duration(event.ms)}`);
      case 'host-failed':
        return this.#set(host, 'failed', `failed: ${event.trouble.what}`);
      case 'host-skipped':
        return this.#set(host, 'skipped', `not begun: ${event.reason}`);
    }
  }

  #plan({ plans }: Extract<RunEvent, { type: 'planned' }>): void {
    const pending = plans.filter((plan) => pendingSteps(plan).length > 0);
    this.#begin(
      pending.map((plan) => plan.host),
      'waiting',
    );
    this.#rows.set(VERIFY, { key: VERIFY, state: 'waiting', title: VERIFY, detail: '' });
  }

  #begin(hosts: readonly string[], title: string): void {
    this.#hosts = hosts;
    this.#rows.clear();
    hosts.forEach((host) => this.#set(host, 'waiting', title));
  }

  #verify(detail: string): void {
    this.#rows.set(VERIFY, { key: VERIFY, state: 'running', title: VERIFY, detail: this.#below(detail) });
  }

  #watch(event: WatchEvent): void {
    switch (event.type) {
      case 'watch-started':
        return this.#set(WATCH, 'running', watchedNames(event.targets));
      case 'watch-lost': {
        const { target, lost, reason } = event;
        this.#losses.set(target, `${target} lost ${count(lost, 'request')} (${reason})`);
        return this.#set(WATCH, 'failed', [...this.#losses.values()].join(', '));
      }
      case 'watch-ended': {
        const { sent, lost } = event;
        const text = `${count(sent, 'request')} sent, ${thousands(lost)} lost`;
        return this.#set(WATCH, lost === 0 ? 'done' : 'failed', text);
      }
    }
  }

  /** A detail, under the text that follows the host's name. */
  #below(detail: string): string {
    return detail === '' ? '' : `${' '.repeat(this.#nameWidth + 2)}${this.#ink.line(detail)}`;
  }

  get #nameWidth(): number {
    return Math.max(VERIFY.length, ...this.#hosts.map((name) => name.length));
  }

  #set(host: string, state: BoardRow['state'], text: string, detail = ''): void {
    const shown = this.isCrowded && detail !== '' ? `${text}  ${detail}` : text;
    this.#rows.set(host, {
      key: host,
      state,
      title: `${this.#ink.line(host).padEnd(this.#nameWidth)}  ${this.#ink.line(shown)}`,
      detail: this.isCrowded ? '' : this.#below(detail),
    });
  }
}
