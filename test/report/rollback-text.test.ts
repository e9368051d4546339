import { expect, it } from 'vitest';
import { EXIT } from '../../src/core/error.ts';
import type { HostResult } from '../../src/core/result.ts';
import type { Rollback } from '../../src/core/undo.ts';
import { inkFor } from '../../src/report/ink.ts';
import { summaryText } from '../../src/report/summary-text.ts';
import { fresh } from './recordings.ts';

const INK = inkFor({ color: false, unicode: true });
const BACK: Rollback = { undone: ['files nginx'], stays: [], left: [] };

/** The lines about a run that failed, where this became of its hosts. */
function summaryOf(...fates: readonly Partial<HostResult>[]): readonly string[] {
  const { result } = fresh();
  const hosts = result.hosts
    .slice(0, fates.length)
    .map((host, index) => ({ ...host, status: 'failed' as const, ...fates[index] }));
  const failed = { ...result, exit: EXIT.rolledBack, hosts };
  const text = summaryText(failed, INK, { command: () => 'run-playbook phase1', traffic: false });
  return text.split('\n');
}

/** How the row of a host begins that was taken back. */
function rowOf(more: Partial<HostResult>): string | undefined {
  return summaryOf(more)[0]?.replace(/ {2}[\d.]+ s$/, '');
}

const TROUBLE = { what: 'it broke' };

it.each([
  [
    'the host that failed',
    { trouble: TROUBLE, rollback: BACK },
    '✗ svr2  failed after # changes, taken back',
  ],
  [
    'a host of which something is left',
    { trouble: TROUBLE, rollback: { ...BACK, left: ['a', 'b'] } },
    '✗ svr2  failed after # changes, taken back but for 2',
  ],
  [
    'a host that could not be reached',
    { trouble: TROUBLE, rollback: { undone: [], stays: [], left: ['svr1: no answer'] } },
    '✗ svr2  failed after # changes, not taken back',
  ],
  ['a host on which nothing failed', { rollback: BACK }, '· svr2  # changes, taken back'],
])('%s is told as such', (_, more, expected) => {
  expect(rowOf(more)?.replace(/\d+ of \d+/, '#')).toBe(expected);
});

it.each([
  ['all of it', [{ trouble: TROUBLE, rollback: BACK }], 'all changes were taken back'],
  [
    'what an earlier host keeps',
    [{ trouble: TROUBLE, rollback: BACK }, { status: 'changed' }],
    /, # changes? made on svr\d$/,
  ],
  ['a part', [{ trouble: TROUBLE, rollback: { ...BACK, left: ['a'] } }], /, # changes? made on svr\d$/],
] satisfies readonly (readonly [string, readonly Partial<HostResult>[], string | RegExp])[])(
  'the closing line counts only what stays: %s',
  (_, fates, expected) => {
    const closing = summaryOf(...fates).find((line) => line.startsWith('phase1: failed and rolled back'));
    const shown = closing?.replace(/ \([\d.]+ s\)$/, '').replace(/\d+ change/, '# change');
    expect(shown).toMatch(expected);
  },
);
