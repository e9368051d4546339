import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Locked } from '../../src/core/error.ts';
import { holdLock } from '../../src/stages/lock.ts';
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
});
