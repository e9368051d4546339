import { describe, expect, test } from 'vitest';
import type { DriftReport } from '../../src/core/drift.ts';
import { changeToTell, NOTHING_TOLD, standing, type Told } from '../../src/notify/message.ts';
import { report, SENDER } from './reports.ts';

/** What is told of one report after the other. */
function told(reports: readonly DriftReport[]): readonly (string | undefined)[] {
  let before: Told = NOTHING_TOLD;
  return reports.map((each) => {
    const change = changeToTell(each, before, SENDER);
    before = standing(each, before);
    return change && `${change.event} ${change.before}->${change.state}`;
  });
}

const DRIFTED = report([['svr2', '/etc/nginx/nginx.conf', 'drift']]);
const MORE = report([
  ['svr2', '/etc/nginx/nginx.conf', 'drift'],
  ['svr1', '/etc/nginx/nginx.conf', 'drift'],
]);
const DEGRADED = report([[undefined, 'VIP', 'degraded']]);
const WELL = report([]);

describe('people are told', () => {
  test('once that something is wrong, and once that nothing is any more', () => {
    expect(told([WELL, DRIFTED, DRIFTED, WELL, WELL])).toEqual([
      undefined,
      'worse in-sync->drifted',
      undefined,
      'recovered drifted->in-sync',
      undefined,
    ]);
  });

  test('of what comes on top, and not of what only got less', () => {
    expect(told([DRIFTED, MORE, DRIFTED, MORE])).toEqual([
      'worse in-sync->drifted',
      'worse drifted->drifted',
      undefined,
      'worse drifted->drifted',
    ]);
  });

  test('of a change from drift to degraded', () => {
    expect(told([DRIFTED, DEGRADED])).toEqual(['worse in-sync->drifted', 'worse drifted->degraded']);
  });

  test('of a host that does not answer, and nothing twice when it is back as it was', () => {
    const lost = report([], { svr2: 'unreachable' });
    expect(told([DRIFTED, lost, lost, DRIFTED, WELL])).toEqual([
      'worse in-sync->drifted',
      'worse drifted->unreachable',
      undefined,
      undefined,
      'recovered drifted->in-sync',
    ]);
  });

  test('of no recovery while a run is at work and nobody looks', () => {
    const busy = report([], { svr2: 'suppressed' });
    expect(told([DRIFTED, busy, WELL])).toEqual([
      'worse in-sync->drifted',
      undefined,
      'recovered in-sync->in-sync',
    ]);
  });

  test('of nothing that is only pending', () => {
    expect(told([report([['svr1', '/etc/nginx/nginx.conf', 'pending']])])).toEqual([undefined]);
  });

  test('what of it is new', () => {
    const change = changeToTell(MORE, standing(DRIFTED, NOTHING_TOLD), SENDER);
    expect(change?.findings.map(({ host, isNew }) => [host, isNew])).toEqual([
      ['svr2', false],
      ['svr1', true],
    ]);
  });
});
