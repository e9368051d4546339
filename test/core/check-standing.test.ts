import { describe, expect, it } from 'vitest';
import { checkStanding } from '../../src/core/check-standing.ts';
import { at, finding, report } from './drift-reports.ts';

const EVERY = { everyMs: 15 * 60_000, since: at('01:00') };
const last = report({ at: at('03:00') });

describe('how it stands with the checks', () => {
  it('tells how the last one ended, and how long ago', () => {
    const findings = [finding('/etc/a'), finding('/etc/b', { severity: 'pending' }), finding('/etc/c')];
    expect(checkStanding(report({ findings }), undefined, new Date(at('03:04')))).toEqual({
      last: {
        id: 'dbef5436da7c',
        at: at('03:00'),
        playbook: 'phase1',
        exit: 2,
        ageMs: 240_000,
        findings: { degraded: 0, drift: 2, pending: 1, notice: 0 },
      },
      isOverdue: false,
    });
  });

  it.each([
    ['within its interval', last, EVERY, '03:14', false],
    ['a little late', last, EVERY, '03:29', false],
    ['two intervals without one', last, EVERY, '03:31', true],
    ['none at all since it was scheduled', undefined, EVERY, '01:31', true],
    ['just scheduled', undefined, EVERY, '01:10', false],
    ['scheduled again after a pause', last, { ...EVERY, since: at('09:00') }, '09:10', false],
    ['not scheduled', last, undefined, '23:00', false],
    ['never made, not scheduled', undefined, undefined, '23:00', false],
  ] as const)('%s', (_, one, schedule, now, isOverdue) => {
    expect(checkStanding(one, schedule, new Date(at(now))).isOverdue).toBe(isOverdue);
  });
});
