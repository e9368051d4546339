import { describe, expect, it } from 'vitest';
import type { DriftHostStatus, DriftReport } from '../../src/core/drift.ts';
import { sinceOf, spansOf } from '../../src/core/drift-spans.ts';
import { judgeStatus } from '../../src/core/status.ts';
import { at, finding, hostStatus, report } from './drift-reports.ts';

const CONF = finding('/etc/nginx/nginx.conf');
const UNIT = finding('nginx.service', { host: 'svr2', class: 'service' });
const MINUTE = 60_000;

/** Checks a quarter of an hour apart, from three o'clock on. */
function checks(...reports: readonly Partial<DriftReport>[]) {
  return reports.map((one, index) => ({
    report: report({ at: at(`03:${String(index * 15).padStart(2, '0')}`), ...one }),
  }));
}

/** How the first host stands. */
function hosts(status: DriftHostStatus): Pick<DriftReport, 'hosts'> {
  return {
    hosts: [
      { host: 'svr1', status },
      { host: 'svr2', status: 'in-sync' },
    ],
  };
}

const seen = { findings: [CONF] };
const span = (from: string, to: string, more = {}) => ({
  id: CONF.id,
  firstSeen: at(from),
  lastSeen: at(to),
  openForMs: Date.parse(at(to)) - Date.parse(at(from)),
  isOpen: true,
  ...more,
});

describe('the spans of a finding', () => {
  it('begin with the first check that sees it, and last as long as the next ones do', () => {
    expect(spansOf(checks({}, seen))).toEqual([span('03:15', '03:15')]);
    expect(spansOf(checks({}, seen, seen, seen))).toEqual([
      span('03:15', '03:45', { openForMs: 30 * MINUTE }),
    ]);
  });

  it('end with the last check that saw it; what comes back begins another one', () => {
    expect(spansOf(checks(seen, seen, {}, seen))).toEqual([
      span('03:00', '03:15', { isOpen: false }),
      span('03:45', '03:45'),
    ]);
  });

  it("are each finding's own, in the order in which they were seen first", () => {
    const spans = spansOf(checks({ findings: [UNIT] }, { findings: [CONF, UNIT] }, seen));
    expect(spans.map(({ id, isOpen }) => [id, isOpen])).toEqual([
      [UNIT.id, false],
      [CONF.id, true],
    ]);
  });

  it('have the shape that reports show, and nothing else', () => {
    expect(Object.keys(spansOf(checks(seen))[0] ?? {}).toSorted()).toEqual([
      'firstSeen',
      'id',
      'isOpen',
      'lastSeen',
      'openForMs',
    ]);
  });

  it('are not interrupted by a change of weight', () => {
    expect(spansOf(checks(seen, { findings: [{ ...CONF, severity: 'pending' }] }))).toEqual([
      span('03:00', '03:15'),
    ]);
  });

  it('go on while a rule ignores it', () => {
    const ignored = { ignored: [{ finding: CONF, rule: { reason: 'until Monday' } }] };
    expect(spansOf(checks(seen, ignored, seen))).toEqual([span('03:00', '03:30')]);
  });
});

describe('a check that does not see a finding says that it is gone', () => {
  it.each(['in-sync', 'drifted', 'pending', 'degraded'] as const)('when its host is %s', (status) => {
    expect(spansOf(checks(seen, hosts(status)))[0]?.isOpen).toBe(false);
  });

  it.each(['unreachable', 'failed', 'suppressed'] as const)('but not when its host is %s', (status) => {
    expect(spansOf(checks(seen, hosts(status), seen))).toEqual([span('03:00', '03:30')]);
  });

  it('but not when it did not look at that host', () => {
    const limited = { hosts: [{ host: 'svr2', status: 'in-sync' as const }] };
    expect(spansOf(checks(seen, limited, seen))).toEqual([span('03:00', '03:30')]);
  });

  it('but not when it was of another playbook', () => {
    expect(spansOf(checks(seen, { playbook: 'phase2' }, seen))).toEqual([span('03:00', '03:30')]);
  });

  describe('of the cluster as a whole', () => {
    const ALL = finding('VIP on exactly one host', { host: undefined, class: 'vip', severity: 'degraded' });
    const isOpenAfter = (next: Partial<DriftReport>) => spansOf(checks({ findings: [ALL] }, next))[0]?.isOpen;

    it('when it looked at all hosts', () => {
      expect(isOpenAfter({})).toBe(false);
    });

    it('but not when it was limited to some', () => {
      expect(isOpenAfter({ hosts: [{ host: 'svr1', status: 'in-sync' }] })).toBe(true);
    });

    it('but not while one is worked on', () => {
      expect(isOpenAfter(hosts('suppressed'))).toBe(true);
    });

    it('but not when one did not answer that it was not to report on', () => {
      const cluster = judgeStatus([hostStatus('svr1')], [{ host: 'svr2', what: 'unreachable' }]);
      expect(isOpenAfter({ hosts: [{ host: 'svr1', status: 'in-sync' }], cluster })).toBe(true);
    });
  });
});

describe('where the first checks are forgotten', () => {
  it('the others tell since when things are there', () => {
    const all = checks(seen, seen, seen, seen);
    const known = all.map((check, index) => ({
      ...check,
      since: sinceOf(check.report, spansOf(all.slice(0, index + 1))),
    }));
    expect(known[3]?.since).toEqual({ [CONF.id]: at('03:00') });
    expect(spansOf(known.slice(2))).toEqual([span('03:00', '03:45')]);
  });

  it('what came back meanwhile is not older than that', () => {
    const all = checks(seen, {}, seen, seen);
    const since = sinceOf(all[3]?.report ?? report(), spansOf(all));
    expect(spansOf([{ report: report({ at: at('03:45'), ...seen }), since }])).toEqual([
      span('03:30', '03:45'),
    ]);
  });
});
