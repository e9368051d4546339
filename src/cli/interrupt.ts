import { EXIT } from '../core/error.ts';
import type { RunEvent } from '../core/event.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

// The terminal sends Ctrl-C to every process of the job, and npx and our own parent pass it on once more.
const SAME_PRESS_MS = 300;

export interface InterruptOptions {
  /** Tells the user what an interrupt leads to. */
  readonly note: (line: string) => void;
  /** Ends the process at once. */
  readonly quit: (exit: number) => void;
  /** What shows what is left to do. */
  readonly look: string;
  /** What goes on from where it was left. */
  readonly again?: string;
}

/** After these nothing goes on on the host. */
const ENDS: readonly RunEvent['type'][] = [
  'change-done',
  'change-failed',
  'change-unneeded',
  'rollback-ended',
];

/** The first interrupt ends a run in good order, the second one at once. */
export class Interrupt {
  readonly #controller = new AbortController();
  readonly #options: InterruptOptions;
  readonly #running = new Map<string, string>();
  #heardAt: number | undefined;

  constructor(options: InterruptOptions) {
    this.#options = options;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Follows the run, to be able to say what a second interrupt leaves unfinished. */
  hear(event: RunEvent): void {
    if (event.type === 'change-started') {
      this.#running.set(event.host, event.id);
    } else if (event.type === 'rollback-started') {
      this.#running.set(event.host, 'the rollback');
    } else if (ENDS.includes(event.type) && 'host' in event) {
      this.#running.delete(event.host);
    }
  }

  /** Listens to the process's signals until the returned function is called. */
  listen(): () => void {
    const onSignal = () => this.interrupt(performance.now());
    for (const signal of SIGNALS) {
      process.on(signal, onSignal);
    }
    return () => {
      for (const signal of SIGNALS) {
        process.removeListener(signal, onSignal);
      }
    };
  }

  /** @param nowMs a clock that only goes forward */
  interrupt(nowMs: number): void {
    if (this.#heardAt === undefined) {
      this.#heardAt = nowMs;
      this.#options.note(`interrupted: ${this.#ending()}; Ctrl-C again quits at once`);
      this.#controller.abort();
    } else if (nowMs - this.#heardAt > SAME_PRESS_MS) {
      const { note, quit, look, again } = this.#options;
      const unfinished = [...this.#running].map(([host, id]) => `${host} was in the middle of ${id}`);
      const resume = again === undefined ? [] : [`to go on: ${again}`];
      note(`quit: ${[...unfinished, `see what is left to do: ${look}`, ...resume].join('; ')}`);
      quit(EXIT.interrupted);
    }
  }

  #ending(): string {
    return this.#running.size === 0
      ? 'stopping'
      : `finishing ${[...this.#running].map(([host, id]) => `${id} on ${host}`).join(', ')}`;
  }
}
