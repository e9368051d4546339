import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Locked } from '../../src/core/error.ts';
import { rawScript } from '../../src/core/script.ts';
import { BREAK_LOCK, holdLock, lockHolderOf, READ_LOCK, type LockHolder } from '../../src/stages/lock.ts';
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

async function holder(): Promise<LockHolder | undefined> {
  const { stdout } = await host.connection.exec(READ_LOCK, { timeoutMs: 10_000 });
  return lockHolderOf({ stdout: stdout.toString() });
}

/** How many wait for the lock. */
async function waiters(): Promise<number> {
  const { stdout } = await host.connection.exec(rawScript('pgrep -c -f "flock -w"; :'), { timeoutMs: 5000 });
  return Number(stdout.toString());
}

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

  test('is had as soon as it is free by who waits for it, and by nobody who has waited long enough', async () => {
    const other = await host.connectAgain();
    const lock = await holdLock(host.connection, 'phase1');
    const early = await holdLock(other, 'phase2', { waitMs: 1000 }).catch((error: unknown) => error);
    expect(early).toBeInstanceOf(Locked);
    const waiting = holdLock(other, 'phase2', { waitMs: 30_000 });
    await expect.poll(() => waiters()).toBe(1);
    await lock.release();
    const next = await waiting;
    expect(await holder()).toMatchObject({ name: 'phase2' });
    await next.release();
    await other.close();
  });

  test('can be looked at without being taken, and taken away from whoever holds it', async () => {
    expect(await holder()).toBeUndefined();
    const other = await host.connectAgain();
    const lock = await holdLock(other, 'phase1 by root@control');
    expect(await holder()).toEqual({ name: 'phase1 by root@control', pids: expect.any(Array) });
    expect(lock.state()).toBe('held');
    const broken = await host.connection.exec(BREAK_LOCK, { timeoutMs: 10_000 });
    expect(broken.exit).toBe(0);
    expect(lockHolderOf({ stdout: broken.stdout.toString() })?.name).toBe('phase1 by root@control');
    await expect.poll(() => lock.state()).toBe('ended');
    await expect(other.exec(rawScript('true'), { timeoutMs: 5000 })).rejects.toThrow(ConnectionLost);
    await other.close();
    expect(await holder()).toBeUndefined();
    const next = await holdLock(host.connection, 'phase2');
    await next.release();
    const { exit } = await host.connection.exec(BREAK_LOCK, { timeoutMs: 10_000 });
    expect(exit).toBe(0);
  });

  test('is nothing that another user of the host could hold', async () => {
    const lock = await holdLock(host.connection, 'phase1');
    await lock.release();
    const script = rawScript('flock -n /run/run-playbook.lock true');
    const { exit } = await host.connection.exec(script, { timeoutMs: 5000, become: false });
    expect(exit).not.toBe(0);
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
    const lock = await holdLock(other, 'phase1', { beatMs: 60_000, givenUpAfterS: 1 });
    await expect.poll(() => isFree('phase2'), { timeout: 10_000 }).toBe(true);
    await expect(other.exec(rawScript('true'), { timeoutMs: 5000 })).rejects.toThrow(ConnectionLost);
    expect(lock.state()).toBe('lost');
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
async function isFree(name: string): Promise<boolean> {
  try {
    const lock = await holdLock(host.connection, name);
    await lock.release();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Locked);
    return false;
  }
}
