import type { LostSoFar } from '../core/watch.ts';
import type { Sample } from './sample.ts';

const TELL_EVERY_MS = 1000;

interface Tally {
  readonly lost: number;
  readonly toldMs: number | undefined;
}

/**
 * Tells of losses while they happen: of each target's first at once, then once a second at most.
 *
 * It hears of requests as they end, so a loss that ends before the first answer it follows is only in the report.
 */
export class LossTally {
  readonly #tell: (lost: LostSoFar) => void;
  readonly #tallies = new Map<number, Tally>();

  constructor(tell: (lost: LostSoFar) => void) {
    this.#tell = tell;
  }

  hear({ target, endedMs, outcome }: Sample): void {
    const before = this.#tallies.get(target);
    if (outcome.is === 'answered') {
      this.#tallies.set(target, before ?? { lost: 0, toldMs: undefined });
    } else if (before !== undefined) {
      const lost = before.lost + 1;
      const isTold = before.toldMs === undefined || endedMs - before.toldMs >= TELL_EVERY_MS;
      this.#tallies.set(target, { lost, toldMs: isTold ? endedMs : before.toldMs });
      if (isTold) {
        this.#tell({ target, reason: outcome.reason, lost });
      }
    }
  }
}
