import { expect } from 'vitest';
import { startClients } from '../../lab/support/clients.ts';
import { redundant } from '../../lab/support/pair.ts';
import { tellRow } from './table.ts';

/** Of a service that is to go on serving. */
export interface Limits {
  /** Requests, at one each 20 ms, that may be without an answer. */
  readonly lost: number;
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
  const clients = limits === undefined ? undefined : await startClients(name, { maxMs: 30 * 60_000 });
  const { exits, wrong } = await work();
  await redundant(name);
  await clients?.served();
  const report = await clients?.stop();
  const target = report?.targets[0];
  tellRow({
    fault,
    exit: [...new Set(exits)].join(', '),
    lost: target?.lost,
    outageMs: target?.longestGapMs,
    seconds: (performance.now() - started) / 1000,
  });
  expect(wrong).toEqual([]);
  expect(target?.lost ?? 0).toBeLessThanOrEqual(limits?.lost ?? 0);
}
