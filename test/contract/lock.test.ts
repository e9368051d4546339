import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Locked } from '../../src/core/error.ts';
import { rawScript } from '../../src/core/script.ts';
import { holdLock } from '../../src/stages/lock.ts';
import { ConnectionLost } from '../../src/transport/index.ts';
import { cannotRunLab, ContractHost } from './host.ts';

let host: ContractHost;

beforeAll(async () => {
  if (cannotRunLab) return;
  host = await ContractHost.start('lock');
});

afterAll(async () => {
  await host?.stop();
});

describe.skipIf(cannotRunLab)('the lock of a host', () => {
  test('is held by one at a time, and tells who it is', async () => {
    const other = await host.connectAgain();
    const lock = await holdLock(host.connection, `phase1 by root@control, it's "quoted"`);
    const refused: unknown = await holdLock(other, 'phase2').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Locked);
    expect((refused as Locked).trouble.why).toEqual([`phase1 by root@control, it's "quoted"`]);
    await lock.release();
    const next = await holdLock(other, 'phase2');
    await next.release();
    await other.close();
  });

  test('dies with the connection of its holder', async () => {
    const other = await host.connectAgain();
    await holdLock(other, 'phase1');
    await other.close();
    await expect
      .poll(
        async () => {
          const lock = await holdLock(host.connection, 'phase2').catch(() => undefined);
          await lock?.release();
          return lock !== undefined;
        },
        { timeout: 5000 },
      )
      .toBe(true);
  });

  test('is given up when nothing is heard of its holder, who is told', async () => {
    const other = await host.connectAgain();
    await holdLock(other, 'phase1', { beatMs: 60_000, givenUpAfterS: 1 });
    await expect.poll(() => isFree('phase2'), { timeout: 10_000 }).toBe(true);
    await expect(other.exec(rawScript('true'), { timeoutMs: 5000 })).rejects.toThrow(ConnectionLost);
    await other.close();
  });

  test('is kept as long as its holder is heard of', async () => {
    const other = await host.connectAgain();
    const lock = await holdLock(other, 'phase1', { beatMs: 200, givenUpAfterS: 1 });
    const until = performance.now() + 3000;
    while (performance.now() < until) {
      expect(await isFree('phase2')).toBe(false);
    }
    const started = performance.now();
    await lock.release();
    expect(performance.now() - started, 'ms until it is given back').toBeLessThan(900);
    expect(await isFree('phase2')).toBe(true);
    await other.close();
  });
});

/** Whether the lock can be taken; it is given back at once. */
async function isFree(holder: string): Promise<boolean> {
  try {
    const lock = await holdLock(host.connection, holder);
    await lock.release();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Locked);
    return false;
  }
}
