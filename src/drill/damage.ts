import { HostFailed, RunError } from '../core/error.ts';
import type { Fault, FaultScripts, LabFault } from '../core/fault.ts';
import { arm, disarm, injectDetached, injectHere } from './armed.ts';
import { beginningAt, clockAheadMs, nowMs } from './clock.ts';
import type { DrillHost } from './host.ts';
import type { LabDeeds } from './site.ts';

/** How long after a fault should be over its undo on the host waits for us, before it does without. */
export const GRACE_MS = 30_000;
/** Enough for a script to be on every host before the moment at which all of them begin. */
const APPOINTMENT_MS = 600;
/** More than what clocks are read wrong by. */
const BETWEEN_HOSTS_MS = 5;

/** A fault on its hosts: done, put right, and proved to have happened. */
export interface Damage {
  /** Arms the undo, then breaks it. */
  inflict(): Promise<void>;
  /**
   * Puts it right as a person would; nothing when it is to put itself right.
   *
   * @returns since when it has been right, or is becoming so, by `performance.now()`
   */
  repair(): Promise<number>;
  /** Whether it has happened, as far as the hosts can tell. */
  hasHappened(): Promise<boolean>;
  /** Leaves nothing broken and nothing armed, however far it came. */
  clear(): Promise<void>;
}

export function damageOf(fault: Fault, victims: readonly DrillHost[], lab: LabDeeds | undefined): Damage {
  const { means } = fault;
  const single = victims.map((victim) =>
    means.by === 'script'
      ? new ScriptDamage(means, victim, undoDelayMs(fault))
      : new LabDamage(means, victim, requireLab(lab)),
  );
  return {
    inflict: async () => void (await Promise.all(single.map((one) => one.inflict()))),
    repair: () => repairAll(single, fault),
    hasHappened: async () => (await Promise.all(single.map((one) => one.hasHappened()))).every(Boolean),
    async clear() {
      // Every host is put right, also when another one cannot be.
      const ended = await Promise.allSettled(single.map((one) => one.clear()));
      const failed = ended.find((one) => one.status === 'rejected');
      if (failed !== undefined) {
        throw failed.reason;
      }
    },
  };
}

/** On one host at once; on several at the same moment, in the fault's order. */
async function repairAll(
  single: readonly (ScriptDamage | LabDamage)[],
  { repairOrder = [] }: Fault,
): Promise<number> {
  const startedMs = performance.now();
  const [first, ...others] = single;
  if (first === undefined || others.length === 0) {
    await first?.repair();
    return startedMs;
  }
  const aheadMs = await Promise.all(single.map(({ victim }) => clockAheadMs(victim)));
  const atMs = nowMs() + APPOINTMENT_MS;
  const rightMs = performance.now() + APPOINTMENT_MS;
  await Promise.all(
    single.map((one, index) => {
      const turn = Math.max(0, repairOrder.indexOf(one.victim.name));
      return one.repair(atMs + (aheadMs[index] ?? 0) + turn * BETWEEN_HOSTS_MS);
    }),
  );
  return rightMs;
}

/** What puts itself right is given its whole time before the undo comes to help. */
function undoDelayMs({ means, lastsMs, wholeWithinMs }: Fault): number {
  const healsItself = means.by === 'script' && means.healsItself === true;
  return lastsMs + (healsItself ? wholeWithinMs : 0) + GRACE_MS;
}

class ScriptDamage {
  readonly victim: DrillHost;
  readonly #means: FaultScripts;
  readonly #undoAfterMs: number;
  #before = '';
  #isBegun = false;
  #isRepaired = false;

  constructor(means: FaultScripts, victim: DrillHost, undoAfterMs: number) {
    this.#means = means;
    this.victim = victim;
    this.#undoAfterMs = undoAfterMs;
  }

  async inflict(): Promise<void> {
    const { host, facts } = this.victim;
    this.#before = await this.#trace();
    this.#isBegun = true;
    const heal = this.#means.heal?.(host, facts);
    if (heal !== undefined) {
      await this.victim.run(
        'the undo could not be armed, so nothing was broken',
        arm(heal, this.#undoAfterMs),
      );
    }
    const inject = this.#means.inject(host, facts);
    const script = this.#means.detached === true ? injectDetached(inject) : injectHere(inject);
    await this.victim.run('it could not be broken', script);
  }

  /** @param atMs when, by the host's own clock; at once when left out */
  async repair(atMs = 0): Promise<void> {
    if (this.#means.healsItself !== true) {
      await this.#heal(atMs);
    }
  }

  async hasHappened(): Promise<boolean> {
    return this.#means.trace === undefined || (await this.#trace()) !== this.#before;
  }

  async clear(): Promise<void> {
    if (!this.#isBegun) {
      return;
    }
    try {
      // What has put itself right is not broken any more, and healing does nothing.
      if (!this.#isRepaired) {
        await this.#heal();
      }
      await this.victim.run('the undo could not be disarmed', disarm());
    } catch (error) {
      if (!(error instanceof RunError)) {
        throw error;
      }
      // Where nothing can be put right nothing was armed, and a host that boots has forgotten the rest.
      if (this.#means.heal !== undefined) {
        throw this.#leftBroken(error);
      }
    }
  }

  async #heal(atMs = 0): Promise<void> {
    const { host, facts } = this.victim;
    const heal = this.#means.heal?.(host, facts);
    if (heal !== undefined) {
      await this.victim.run('it could not be put right', atMs === 0 ? heal : beginningAt(atMs, heal));
      this.#isRepaired = true;
    }
  }

  async #trace(): Promise<string> {
    const { host, facts } = this.victim;
    const trace = this.#means.trace?.(host, facts);
    return trace === undefined ? '' : this.victim.run('it could not be read', trace);
  }

  #leftBroken({ trouble, message }: RunError): HostFailed {
    const { name } = this.victim;
    const withinS = Math.ceil(this.#undoAfterMs / 1000);
    return new HostFailed({
      host: name,
      what: `could not be put right from here; ${name} does it itself within ${withinS} s of the fault`,
      why: [message, ...(trouble.why ?? [])],
      hint: trouble.hint ?? `wait for it, and look at ${name}`,
    });
  }
}

class LabDamage {
  readonly victim: DrillHost;
  readonly #deed: LabFault['deed'];
  readonly #lab: LabDeeds;
  #isBroken = false;

  constructor({ deed }: LabFault, victim: DrillHost, lab: LabDeeds) {
    this.#deed = deed;
    this.victim = victim;
    this.#lab = lab;
  }

  async inflict(): Promise<void> {
    this.#isBroken = true;
    await (this.#deed === 'freeze'
      ? this.#lab.freeze(this.victim.name)
      : this.#lab.powerLoss(this.victim.name));
  }

  async repair(): Promise<void> {
    await (this.#deed === 'freeze' ? this.#lab.thaw(this.victim.name) : this.#lab.boot(this.victim.name));
    this.#isBroken = false;
  }

  async hasHappened(): Promise<boolean> {
    return true;
  }

  async clear(): Promise<void> {
    if (this.#isBroken) {
      await this.repair();
    }
  }
}

function requireLab(lab: LabDeeds | undefined): LabDeeds {
  if (lab === undefined) {
    throw new Error('a fault of the lab was chosen without a lab');
  }
  return lab;
}
