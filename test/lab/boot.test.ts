import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp, powerLoss, shutdown } from '../../scripts/lab/index.ts';
import { watchHolders } from './support/holder-watch.ts';
import { cannotRunLab, HOSTS, holders, phase1, redundant } from './support/pair.ts';

const LAB = `t-boot-${process.pid}`;
const LIMIT_SECONDS = 20;

describe.skipIf(cannotRunLab)('the pair made by phase 1, when both hosts boot together', () => {
  beforeAll(async () => {
    await labUp({ name: LAB });
    const { exit, errors } = await phase1(LAB);
    expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
  });

  afterAll(() => labDown({ name: LAB }));

  it.each([
    { time: 1, off: powerLoss, how: 'a power loss' },
    { time: 2, off: shutdown, how: 'a shutdown' },
    { time: 3, off: powerLoss, how: 'a power loss' },
    { time: 4, off: shutdown, how: 'a shutdown' },
    { time: 5, off: powerLoss, how: 'a power loss' },
  ])(
    'has the VIP on one host and everything active within 20 s of $how (boot $time)',
    async ({ time, off, how }) => {
      await Promise.all(HOSTS.map((host) => off(LAB, host)));
      expect(holders(LAB)).toEqual([]);
      const start = performance.now();
      const watch = watchHolders(LAB);
      const { degraded } = await labUp({ name: LAB });
      const holder = await redundant(LAB, LIMIT_SECONDS * 1000);
      const seconds = (performance.now() - start) / 1000;
      const { onBoth, course } = await watch.stop();
      process.stdout.write(
        `    measured  boot ${time} after ${how}: healthy in ${seconds.toFixed(1)} s, VIP on ${holder} (${course.join(', ')})\n`,
      );
      expect(degraded).toEqual([]);
      expect(onBoth).toBe(0);
      expect(seconds).toBeLessThanOrEqual(LIMIT_SECONDS);
    },
  );
});
