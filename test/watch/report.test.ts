import { describe, expect, it } from 'vitest';
import { portReports, type PortReport } from '../../src/watch/report.ts';
import type { Loss, Sample } from '../../src/watch/sample.ts';

/** Requests at 0, 10, 20 ms …: a number is answered after that long, anything else is the reason of a loss. */
function samples(port: number, ends: readonly (number | Loss)[]): readonly Sample[] {
  return ends.map((end, index) => ({
    port,
    sentMs: index * 10,
    endedMs: index * 10 + (typeof end === 'number' ? end : 500),
    outcome: typeof end === 'number' ? { is: 'answered', status: 200 } : { is: 'lost', reason: end },
  }));
}

function reported(ends: readonly (number | Loss)[]): PortReport {
  const [report] = portReports(samples(80, ends), { ports: [80], slowMs: 100, endMs: ends.length * 10 });
  if (report === undefined) throw new Error('no report');
  return report;
}

describe('the report of a port', () => {
  it('says that all is well when all is well', () => {
    expect(reported([1, 2, 3, 4])).toEqual({
      port: 80,
      sent: 4,
      answered: 4,
      lost: [],
      slow: 0,
      gaps: [],
      longestGapMs: 0,
      p50Ms: 2,
      p99Ms: 4,
      slowestMs: 4,
    });
  });

  it('names every lost request with its time and reason', () => {
    expect(reported([1, 'refused', 1, 'status 503', 'not answered']).lost).toEqual([
      { sentMs: 10, reason: 'refused' },
      { sentMs: 30, reason: 'status 503' },
      { sentMs: 40, reason: 'not answered' },
    ]);
  });

  it('measures a gap from the first request lost to the first one sent that succeeded again', () => {
    const { gaps, longestGapMs } = reported([1, 'reset', 1, 'refused', 'refused', 'refused', 1, 1]);
    expect(gaps).toEqual([
      { fromMs: 10, toMs: 20, lost: 1, open: false },
      { fromMs: 30, toMs: 60, lost: 3, open: false },
    ]);
    expect(longestGapMs).toBe(30);
  });

  it('leaves a gap open that did not end', () => {
    const { gaps, longestGapMs } = reported([1, 1, 'refused', 'refused']);
    expect(gaps).toEqual([{ fromMs: 20, toMs: 40, lost: 2, open: true }]);
    expect(longestGapMs).toBe(20);
  });

  it('counts answers that took long as slow, not as lost', () => {
    expect(reported([99, 100, 499])).toMatchObject({ answered: 3, lost: [], slow: 2, slowestMs: 499 });
  });

  it('takes percentiles from times that were measured', () => {
    const times = Array.from({ length: 200 }, (_, index) => index + 1);
    expect(reported(times.toReversed())).toMatchObject({ p50Ms: 100, p99Ms: 198, slowestMs: 200 });
    expect(reported(['refused'])).toMatchObject({ p50Ms: undefined, p99Ms: undefined, slowestMs: undefined });
  });

  it('goes by the time sent, in whatever order the requests ended', () => {
    const sent = samples(80, [1, 'not answered', 'refused', 1]);
    const options = { ports: [80], slowMs: 100, endMs: 40 };
    expect(portReports(sent.toReversed(), options)).toEqual(portReports(sent, options));
  });

  it('keeps ports apart, a port without requests included', () => {
    const both = [...samples(8000, ['refused', 1]), ...samples(80, [1, 1])];
    const reports = portReports(both, { ports: [80, 8000, 81], slowMs: 100, endMs: 20 });
    expect(
      reports.map(({ port, sent, answered, longestGapMs }) => [port, sent, answered, longestGapMs]),
    ).toEqual([
      [80, 2, 2, 0],
      [8000, 2, 1, 10],
      [81, 0, 0, 0],
    ]);
  });
});
