import { describe, expect, it } from 'vitest';
import { targetNames, type Loss, type TargetReport } from '../../src/core/watch.ts';
import { LossTally } from '../../src/watch/loss-tally.ts';
import { targetReports } from '../../src/watch/report.ts';
import type { Sample } from '../../src/watch/sample.ts';
import { at } from './server.ts';

const TARGET = at(80);

/** Requests at 0, 10, 20 ms …: a number is answered after that long, anything else is the reason of a loss. */
function samples(ends: readonly (number | Loss)[], target = 0): readonly Sample[] {
  return ends.map((end, index) => ({
    target,
    sentMs: index * 10,
    endedMs: index * 10 + (typeof end === 'number' ? end : 500),
    outcome: typeof end === 'number' ? { is: 'answered', status: 200 } : { is: 'lost', reason: end },
  }));
}

function reported(ends: readonly (number | Loss)[]): TargetReport {
  const [report] = targetReports(samples(ends), {
    targets: [TARGET],
    slowMs: 100,
    endMs: ends.length * 10,
  });
  if (report === undefined) throw new Error('no report');
  return report;
}

describe('the report of a target', () => {
  it('says that all is well when all is well', () => {
    expect(reported([1, 2, 3, 4])).toEqual({
      target: TARGET,
      sent: 4,
      unserved: 0,
      servedSinceMs: 0,
      answered: 4,
      lost: 0,
      reasons: {},
      slow: 0,
      gaps: [],
      longestGapMs: 0,
      lostAtEnd: false,
      p50Ms: 2,
      p99Ms: 4,
      slowestMs: 4,
    });
  });

  it('counts why requests were lost, the most frequent reason first', () => {
    const { lost, reasons } = reported([1, 'refused', 1, 'status 503', 'not answered', 'status 503']);
    expect(lost).toBe(4);
    expect(Object.entries(reasons)).toEqual([
      ['status 503', 2],
      ['refused', 1],
      ['not answered', 1],
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
    const { gaps, longestGapMs, lostAtEnd } = reported([1, 1, 'refused', 'refused']);
    expect(gaps).toEqual([{ fromMs: 20, toMs: 40, lost: 2, open: true }]);
    expect([longestGapMs, lostAtEnd]).toEqual([20, true]);
  });

  it('counts answers that took long as slow, not as lost', () => {
    expect(reported([99, 100, 499])).toMatchObject({ answered: 3, lost: 0, slow: 2, slowestMs: 499 });
  });

  it('takes percentiles from times that were measured', () => {
    const times = Array.from({ length: 200 }, (_, index) => index + 1);
    expect(reported(times.toReversed())).toMatchObject({ p50Ms: 100, p99Ms: 198, slowestMs: 200 });
    expect(reported(['refused'])).toMatchObject({ p50Ms: undefined, p99Ms: undefined, slowestMs: undefined });
  });

  it('goes by the time sent, in whatever order the requests ended', () => {
    const sent = samples([1, 'not answered', 'refused', 1]);
    const options = { targets: [TARGET], slowMs: 100, endMs: 40 };
    expect(targetReports(sent.toReversed(), options)).toEqual(targetReports(sent, options));
  });

  it('keeps targets apart, one without requests included', () => {
    const both = [...samples([1, 'refused', 1], 1), ...samples([1, 1])];
    const reports = targetReports(both, { targets: [at(80), at(8000), at(81)], slowMs: 100, endMs: 30 });
    expect(
      reports.map(({ target, sent, answered, longestGapMs }) => [target.port, sent, answered, longestGapMs]),
    ).toEqual([
      [80, 2, 2, 0],
      [8000, 3, 2, 10],
      [81, 0, 0, 0],
    ]);
  });

  it('bears very many gaps, and keeps the longest', () => {
    const { lost, gaps, longestGapMs } = reported(
      Array.from({ length: 400_000 }, (_, index) => (index % 2 === 0 ? 1 : 'refused')),
    );
    expect([lost, gaps.length, longestGapMs]).toEqual([200_000, 100, 10]);
  });
});

describe('what counts as lost', () => {
  it('begins with the first request that was answered', () => {
    expect(reported(['refused', 'status 503', 1, 'reset', 1])).toMatchObject({
      sent: 5,
      unserved: 2,
      servedSinceMs: 20,
      answered: 2,
      lost: 1,
      reasons: { reset: 1 },
      gaps: [{ fromMs: 30, toMs: 40, lost: 1, open: false }],
    });
  });

  it('goes by the time sent: a slow answer to the first request makes the second one a loss', () => {
    expect(reported([400, 'refused', 1])).toMatchObject({ unserved: 0, lost: 1 });
  });

  it('is nothing on a target that never answered', () => {
    expect(reported(['refused', 'refused'])).toMatchObject({
      sent: 2,
      unserved: 2,
      servedSinceMs: undefined,
      answered: 0,
      lost: 0,
      reasons: {},
      gaps: [],
      longestGapMs: 0,
      lostAtEnd: false,
    });
  });

  it('is told while it happens, of each target at once and then once a second', () => {
    const told: string[] = [];
    const tally = new LossTally(({ target, reason, lost }) => told.push(`${target} ${reason} ${lost}`));
    const ends = Array.from({ length: 250 }, () => 'refused' as const);
    samples(['refused', 1, ...ends]).forEach((sample) => tally.hear(sample));
    samples([1, 'reset'], 1).forEach((sample) => tally.hear(sample));
    samples(['refused', 'refused'], 2).forEach((sample) => tally.hear(sample));

    expect(told).toEqual(['0 refused 1', '0 refused 101', '0 refused 201', '1 reset 1']);
  });
});

describe('the name of a target', () => {
  it('is its address and port', () => {
    expect(targetNames([at(80), at(8000), at(80, { address: '2001:db8::1' })])).toEqual([
      '127.0.0.1:80',
      '127.0.0.1:8000',
      '[2001:db8::1]:80',
    ]);
  });

  it('has host and path where another one has the same address and port', () => {
    expect(targetNames([at(80, { host: 'a.example' }), at(80, { path: '/b' })])).toEqual([
      '127.0.0.1:80 a.example/',
      '127.0.0.1:80 127.0.0.1/b',
    ]);
  });
});
