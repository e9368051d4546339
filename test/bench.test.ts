import { expect, it } from 'vitest';
import { figures, wallMs } from '../scripts/bench/measure.ts';

it('gives median and spread of an odd and an even number of values', () => {
  expect(figures([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
  expect(figures([40, 10, 20, 30])).toEqual({ median: 25, min: 10, max: 40 });
  expect(() => figures([])).toThrow(/nothing was measured/);
});

it('takes the time of the slowest of processes that run at once', async () => {
  const ms = await wallMs([{ argv: ['sleep', '0.3'] }, { argv: ['sleep', '0.2'] }]);
  expect(ms).toBeGreaterThanOrEqual(300);
  expect(ms).toBeLessThan(490);
});

it('does not time what failed', async () => {
  const failing = wallMs([{ argv: ['sh', '-c', 'cat >&2; exit 3'], stdin: 'no route' }]);
  await expect(failing).rejects.toThrow(/exit 3\nno route/);
});
