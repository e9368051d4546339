import type { Listener, RunEvent } from '../core/event.ts';

interface Span {
  readonly what: string;
  readonly from: number;
  /** Absent while it goes on. */
  readonly to?: number;
}

/** What was going on when an outage began stands first; the rest of a long one says little. */
const NAMED = 2;

/** Which changes were made when, to tell what a request may have been lost to. */
export class WatchTimeline {
  readonly #spans = new Map<string, Span>();
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A listener that keeps the times of what it hears, and hands it on. */
  heardBy(listener: Listener): Listener {
    return (event) => {
      this.#hear(event);
      listener(event);
    };
  }

  /** What went on between two times, else what was done last before; empty when nothing was. */
  during(from: number, to: number): string {
    const spans = [...this.#spans.values()];
    const running = spans.filter((span) => span.from <= to && (span.to ?? to) >= from);
    if (running.length > 0) {
      const more = running.length - NAMED;
      const named = running.slice(0, NAMED).map(({ what }) => what);
      return `during ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    }
    const last = spans.filter((span) => span.from < from).at(-1);
    return last === undefined ? '' : `after ${last.what}`;
  }

  #hear(event: RunEvent): void {
    switch (event.type) {
      case 'change-started': {
        const what = `${event.id} on ${event.host}`;
        // Begun a second time it comes last again.
        this.#spans.delete(what);
        this.#spans.set(what, { what, from: this.#now() });
        return;
      }
      case 'change-done':
      case 'change-unneeded':
      case 'change-failed': {
        const what = `${event.id} on ${event.host}`;
        const span = this.#spans.get(what);
        if (span !== undefined) {
          this.#spans.set(what, { ...span, to: this.#now() });
        }
        return;
      }
    }
  }
}
