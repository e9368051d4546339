import { expect } from 'vitest';
import { startClients } from '../../lab/support/clients.ts';
import { redundant, VIP } from '../../lab/support/pair.ts';
import { tellRow } from './table.ts';

/** Of a service that is to go on serving. */
export interface Limits {
  /** Requests, at one each 20 ms on each port, that may be without an answer. */
  readonly lost: number;
  /** Of the VIP; nginx's alone when left out. */
  readonly ports?: readonly number[];
}

/** What a fault did, as far as the row tells. */
export interface Done {
  /** Exit codes of the runs that met the fault. */
  readonly exits: readonly number[];
  /** What is not as it must be. */
  readonly wrong: readonly string[];
}

/**
 * One fault: clients ask all the time, from before it until the pair is whole again.
 *
 * @param limits undefined where nothing serves before
 */
export async function row(
  name: string,
  fault: string,
  limits: Limits | undefined,
  work: () => Promise<Done>,
): Promise<void> {
  const started = performance.now();
  const clients = limits && (await startClients(name, { maxMs: 30 * 60_000, ...targetsOf(limits) }));
  let done: Done;
  try {
    done = await work();
    await redundant(name);
    await clients?.served();
  } catch (error) {
    await clients?.stop();
    throw error;
  }
  const { exits, wrong } = done;
  const report = await clients?.stop();
  const lost = report?.targets.reduce((sum, target) => sum + target.lost, 0);
  tellRow({
    fault,
    exit: [...new Set(exits)].join(', '),
    lost,
    outageMs: report && Math.max(...report.targets.map(({ longestGapMs }) => longestGapMs)),
    seconds: (performance.now() - started) / 1000,
  });
  expect(wrong).toEqual([]);
  const reasons = report?.targets.map((target) => target.reasons);
  expect(lost ?? 0, JSON.stringify(reasons)).toBeLessThanOrEqual(limits?.lost ?? 0);
}

function targetsOf({ ports = [80] }: Limits) {
  return { targets: ports.map((port) => ({ address: VIP, port, path: '/', host: VIP })) };
}
