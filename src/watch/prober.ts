import type { WatchReport, WatchTarget } from '../core/watch.ts';
import { exchange } from './exchange.ts';
import { targetReports } from './report.ts';
import type { Sample } from './sample.ts';

/** What a prober is told; plain data, so that it can be handed to a process of its own. */
export interface ProberPlan {
  /** Each gets a request at every interval. */
  readonly targets: readonly WatchTarget[];
  /** Default 20. */
  readonly intervalMs?: number;
  /** A request without a whole answer by then is lost; default 500. */
  readonly timeoutMs?: number;
  /** An answer that took this long or longer counts as slow; default 100. */
  readonly slowMs?: number;
  /** Nothing is sent after this long; default one hour. */
  readonly maxMs?: number;
  /** Nothing is sent after this many requests, all targets together; without it time alone is the bound. */
  readonly maxRequests?: number;
}

export interface ProberOptions extends ProberPlan {
  /** Told of every request once it has ended. */
  readonly onSample?: (sample: Sample) => void;
}

export interface Prober {
  /** Resolves when every request has ended, after `stop` or at one of the bounds. */
  readonly report: Promise<WatchReport>;
  /** Sends nothing more; the report `timeoutMs` later at most. */
  stop(): Promise<WatchReport>;
}

/**
 * Sends GET requests in an open loop, each over a new TCP connection: the next one goes out at its time
 * whether or not earlier ones were answered.
 *
 * The times are fixed by the start, not by the request before: delays of this process do not add up.
 */
export function startProber(options: ProberOptions): Prober {
  const prober = new OpenLoop(options);
  prober.tick();
  return prober;
}

class OpenLoop implements Prober {
  readonly report: Promise<WatchReport>;
  readonly #options: ProberOptions;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  readonly #rounds: number;
  readonly #startedAt = Date.now();
  readonly #start = performance.now();
  readonly #samples: Sample[] = [];
  #round = 0;
  #inFlight = 0;
  #latestMs = 0;
  #skipped = 0;
  #endMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #resolve: (report: WatchReport) => void = () => {};

  constructor(options: ProberOptions) {
    const { targets, intervalMs = 20, timeoutMs = 500 } = options;
    const { maxMs = 3_600_000, maxRequests = Infinity } = options;
    this.#options = options;
    this.#intervalMs = intervalMs;
    this.#timeoutMs = timeoutMs;
    this.#rounds = Math.min(Math.ceil(maxMs / intervalMs), Math.floor(maxRequests / targets.length));
    this.report = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  stop(): Promise<WatchReport> {
    clearTimeout(this.#timer);
    this.#endMs ??= this.#now();
    this.#reportWhenDone();
    return this.report;
  }

  /** Sends what is due, and comes back when the next round is. */
  tick(): void {
    for (; this.#round < this.#rounds && this.#dueMs() <= this.#now(); this.#round++) {
      const lateMs = this.#now() - this.#dueMs();
      this.#latestMs = Math.max(this.#latestMs, lateMs);
      if (lateMs > this.#timeoutMs) {
        this.#skipped += this.#options.targets.length;
      } else {
        this.#options.targets.forEach((target, index) => this.#send(target, index));
      }
    }
    if (this.#round < this.#rounds) {
      this.#timer = setTimeout(() => this.tick(), this.#dueMs() - this.#now());
    } else {
      void this.stop();
    }
  }

  #send(target: WatchTarget, index: number): void {
    const sentMs = this.#now();
    this.#inFlight++;
    exchange(target, this.#timeoutMs, (outcome) => {
      const sample: Sample = { target: index, sentMs, endedMs: this.#now(), outcome };
      this.#inFlight--;
      this.#samples.push(sample);
      this.#options.onSample?.(sample);
      this.#reportWhenDone();
    });
  }

  #reportWhenDone(): void {
    const endMs = this.#endMs;
    if (endMs === undefined || this.#inFlight > 0) {
      return;
    }
    const { targets, slowMs = 100 } = this.#options;
    this.#resolve({
      startedAt: this.#startedAt,
      ms: endMs,
      intervalMs: this.#intervalMs,
      targets: targetReports(this.#samples, { targets, slowMs, endMs }),
      latestMs: this.#latestMs,
      skipped: this.#skipped,
      endedEarly: this.#round >= this.#rounds,
    });
  }

  #dueMs(): number {
    return this.#round * this.#intervalMs;
  }

  #now(): number {
    return performance.now() - this.#start;
  }
}
