import { describe, expect, it } from 'vitest';
import type { TargetLoss, Trial } from '../../src/core/drill.ts';
import { rowBefore } from '../../src/core/drill.ts';
import { median, rowsOf } from '../../src/drill/judge.ts';
import { faultNamed } from './faults.ts';

function loss(lost: number, outageMs = lost * 10): TargetLoss {
  return { sent: 1000, lost, outageMs, slow: 0, reasons: {} };
}

function trial(wanted: Partial<Trial> = {}): Trial {
  return {
    host: 'svr1',
    role: 'holder',
    targets: [loss(0)],
    vip: 'to svr2',
    wholeMs: 1000,
    latestMs: 3,
    ...wanted,
  };
}

describe('the rows of a fault', () => {
  it('are one for each host and role, in the order of the first trial', () => {
    const rows = rowsOf(faultNamed('kill-nginx'), [
      trial({ vip: 'stays' }),
      trial({ host: 'svr2', role: 'standby', vip: 'stays' }),
      trial({ vip: 'stays' }),
      trial({ host: 'svr2', vip: 'to svr1' }),
    ]);

    expect(rows.map(({ host, role, trials }) => [host, role, trials.length])).toEqual([
      ['svr1', 'holder', 2],
      ['svr2', 'standby', 1],
      ['svr2', 'holder', 1],
    ]);
  });

  it('have medians, one for each target and one of the sums', () => {
    const [row] = rowsOf(faultNamed('stop-haproxy'), [
      trial({ targets: [loss(0), loss(9)], wholeMs: 3000, vip: 'to svr2' }),
      trial({ targets: [loss(2), loss(1)], wholeMs: 1000, vip: 'stays' }),
      trial({ targets: [loss(1), loss(3)], wholeMs: 2000, vip: 'stays' }),
    ]);

    expect(row).toMatchObject({
      lostByTarget: [1, 3],
      lost: 4,
      outageMs: 30,
      wholeMs: 2000,
      vip: 'stays',
    });
  });

  it.each([
    ['within its limits', { lost: 2, outageMs: 20 }, 'passed'],
    ['without limits', {}, 'passed'],
    ['more lost', { lost: 1 }, 'over the limit'],
    ['longer', { lost: 2, outageMs: 19 }, 'over the limit'],
  ] as const)('pass or not: %s', (_, limits, verdict) => {
    const [row] = rowsOf(faultNamed('reboot', { limits }), [trial({ targets: [loss(2)] })]);

    expect(row?.verdict).toBe(verdict);
  });

  it('pass when the median does, whatever a single trial was', () => {
    const trials = [0, 50, 1].map((lost) => trial({ targets: [loss(lost)] }));

    expect(rowsOf(faultNamed('reboot', { limits: { lost: 1 } }), trials)[0]?.verdict).toBe('passed');
  });

  it('never pass when the cluster was not whole again', () => {
    const { wholeMs: _, ...unhealed } = trial();
    const [row] = rowsOf(faultNamed('reboot'), [trial(), unhealed]);

    expect(row?.verdict).toBe('not whole again');
    expect(row).not.toHaveProperty('wholeMs');
  });
});

describe('the median', () => {
  it.each([
    [[], 0],
    [[7], 7],
    [[9, 1, 5], 5],
    [[1, 4], 4],
  ] as const)('of %j is %d, one that was measured', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe('the row of the drill before', () => {
  const kept = { fault: 'reboot', host: 'svr2', role: 'holder', lost: 1, outageMs: 10, at: 0 } as const;
  const [row] = rowsOf(faultNamed('reboot'), [trial()]);

  it('is of the same host where there is one, else of the same role', () => {
    const own = { ...kept, host: 'svr1' };

    expect(row && rowBefore(row, [kept, own])).toBe(own);
    expect(row && rowBefore(row, [kept])).toBe(kept);
  });

  it('is never of another fault or role', () => {
    expect(
      row &&
        rowBefore(row, [
          { ...kept, role: 'standby' },
          { ...kept, fault: 'freeze' },
        ]),
    ).toBeUndefined();
  });
});
