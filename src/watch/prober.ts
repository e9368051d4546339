import { exchange, type Target } from './exchange.ts';
import { portReports, type PortReport } from './report.ts';
import type { Sample } from './sample.ts';

export interface ProberOptions {
  /** IP address; a name would be looked up for every request. */
  readonly address: string;
  /** Each gets a request at every interval. */
  readonly ports: readonly number[];
  /** Default `/`. */
  readonly path?: string;
  /** Host header; default the address. */
  readonly host?: string;
  /** Default 20. */
  readonly intervalMs?: number;
  /** A request without a whole answer by then is lost; default 500. */
  readonly timeoutMs?: number;
  /** An answer that took this long or longer counts as slow; default 100. */
  readonly slowMs?: number;
  /** Nothing is sent after this long; default one hour. */
  readonly maxMs?: number;
  /** Nothing is sent after this many requests, all ports together; default one million. */
  readonly maxRequests?: number;
  /** Told of every request once it has ended. */
  readonly onSample?: (sample: Sample) => void;
}

/** What clients saw while a prober ran. Times are milliseconds since its start. */
export interface ProbeReport {
  /** When it started, milliseconds since 1970. */
  readonly startedAt: number;
  /** How long it sent. */
  readonly ms: number;
  readonly intervalMs: number;
  readonly ports: readonly PortReport[];
  /** How late the prober itself was at worst; an outage shorter than this may be its own. */
  readonly latestMs: number;
  /** Requests it did not send because it was late by more than their timeout. */
  readonly skipped: number;
}

export interface Prober {
  /** Resolves when every request has ended, after `stop` or at one of the bounds. */
  readonly report: Promise<ProbeReport>;
  /** Sends nothing more; the report `timeoutMs` later at most. */
  stop(): Promise<ProbeReport>;
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
  readonly report: Promise<ProbeReport>;
  readonly #options: ProberOptions;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  readonly #targets: readonly Target[];
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
  #resolve: (report: ProbeReport) => void = () => {};

  constructor(options: ProberOptions) {
    const { address, ports, path = '/', host = address, intervalMs = 20, timeoutMs = 500 } = options;
    const { maxMs = 3_600_000, maxRequests = 1_000_000 } = options;
    this.#options = options;
    this.#intervalMs = intervalMs;
    this.#timeoutMs = timeoutMs;
    this.#targets = ports.map((port) => ({ address, port, path, host }));
    this.#rounds = Math.min(Math.ceil(maxMs / intervalMs), Math.floor(maxRequests / ports.length));
    this.report = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  stop(): Promise<ProbeReport> {
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
        this.#skipped += this.#targets.length;
      } else {
        this.#targets.forEach((target) => this.#send(target));
      }
    }
    if (this.#round < this.#rounds) {
      this.#timer = setTimeout(() => this.tick(), this.#dueMs() - this.#now());
    } else {
      void this.stop();
    }
  }

  #send(target: Target): void {
    const sentMs = this.#now();
    this.#inFlight++;
    exchange(target, this.#timeoutMs, (outcome) => {
      const sample: Sample = { port: target.port, sentMs, endedMs: this.#now(), outcome };
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
    const { ports, slowMs = 100 } = this.#options;
    this.#resolve({
      startedAt: this.#startedAt,
      ms: endMs,
      intervalMs: this.#intervalMs,
      ports: portReports(this.#samples, { ports, slowMs, endMs }),
      latestMs: this.#latestMs,
      skipped: this.#skipped,
    });
  }

  #dueMs(): number {
    return this.#round * this.#intervalMs;
  }

  #now(): number {
    return performance.now() - this.#start;
  }
}
