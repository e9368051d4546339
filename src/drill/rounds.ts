import type { Trial } from '../core/drill.ts';
import { EXIT, HostFailed, InvalidInput, RunError, type ExitCode, type Trouble } from '../core/error.ts';
import type { Fault } from '../core/fault.ts';
import type { DrillHost } from './host.ts';
import type { Site } from './site.ts';
import { tryFault, type Scene } from './trial.ts';
import { holdersIn, nextHost, roleOf } from './vips.ts';
import { waitWhole } from './whole.ts';

/** How long a cluster that was whole a moment ago may need to be whole again, with nothing broken on it. */
const SETTLE_MS = 20_000;

/** Why a drill ended early, and what its exit code is because of it. */
export interface Ending {
  readonly trouble: Trouble;
  readonly exit: ExitCode;
}

/** The faults of a drill in order, each on every host in turn, so often as is wanted. */
export class Rounds {
  readonly #site: Site;
  readonly #faults: readonly Fault[];
  readonly #repeat: number;
  readonly #trials = new Map<Fault, Trial[]>();
  #begun = 0;

  constructor(faults: readonly Fault[], repeat: number, site: Site) {
    this.#faults = faults;
    this.#repeat = repeat;
    this.#site = site;
  }

  /** What was tried so far; filled while it goes on, so that it is known when a trial fails. */
  get trials(): ReadonlyMap<Fault, readonly Trial[]> {
    return this.#trials;
  }

  /** Trials in all, when none ends the drill. */
  get total(): number {
    const { hosts } = this.#site;
    const each = this.#faults.map(({ on }) => (on === 'every host' ? 1 : hosts.length));
    return this.#repeat * each.reduce((sum, count) => sum + count, 0);
  }

  /** Tries everything; the first trouble ends it. @returns that trouble, if any */
  async run(): Promise<Ending | undefined> {
    const rounds = this.#faults.flatMap((fault) => Array.from({ length: this.#repeat }, () => fault));
    try {
      for (const fault of rounds) {
        const trouble = await this.#round(fault);
        if (trouble !== undefined) {
          return { trouble, exit: EXIT.degraded };
        }
      }
      return undefined;
    } catch (error) {
      return this.#ending(error);
    }
  }

  /** One fault on every host in turn, the holder of the VIP first. */
  async #round(fault: Fault): Promise<Trouble | undefined> {
    let left = this.#site.hosts;
    while (left.length > 0) {
      const scene = await this.#scene(fault, left);
      left = left.filter((host) => !scene.victims.includes(host));
      const { trial, trouble } = await tryFault(fault, scene, this.#site);
      this.#trials.set(fault, [...(this.#trials.get(fault) ?? []), trial]);
      this.#site.listener({ type: 'trial-done', trial });
      if (trouble !== undefined) {
        return trouble;
      }
    }
    return undefined;
  }

  async #scene(fault: Fault, left: readonly DrillHost[]): Promise<Scene> {
    const { inspection, wrong } = await waitWhole(this.#site, {
      hasHappened: async () => true,
      deadlineMs: performance.now() + SETTLE_MS,
    });
    if (wrong.length > 0) {
      throw new HostFailed({ what: `not whole before ${fault.name}; nothing more was broken`, why: wrong });
    }
    const before = holdersIn(inspection.checks);
    const next = nextHost(
      left.map(({ name }) => name),
      before,
    );
    const victims = fault.on === 'every host' ? left : left.filter(({ name }) => name === next);
    const host = victims.map(({ name }) => name).join(', ');
    this.#begun += 1;
    this.#site.listener({
      type: 'trial-started',
      fault: fault.name,
      description: fault.description,
      host,
      role: fault.on === 'every host' ? 'all' : roleOf(host, before),
      index: this.#begun,
    });
    return { victims, before };
  }

  #ending(error: unknown): Ending | undefined {
    const { signal } = this.#site;
    if (signal.aborted && error === signal.reason) {
      return undefined;
    }
    if (!(error instanceof RunError)) {
      throw error;
    }
    // Something was broken already: too late for the promise that nothing was touched.
    return { trouble: error.trouble, exit: error instanceof InvalidInput ? EXIT.failed : error.exit };
  }
}
