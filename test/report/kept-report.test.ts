import { describe, expect, it } from 'vitest';
import { heldDiffs, withDiffs } from '../../src/core/drift-diffs.ts';
import type { DriftReport } from '../../src/core/drift.ts';
import type { PastCheck } from '../../src/core/drift-spans.ts';
import { mask, Secret } from '../../src/core/secret.ts';
import { keptReport } from '../../src/report/kept-report.ts';
import { at, finding, hostStatus, report } from '../core/drift-reports.ts';
import { judgeStatus } from '../../src/core/status.ts';

const SECRET = new Secret('hunter2');
const masked = (text: string) => mask(text, [SECRET]);

const diffOf = (after: string, before = 'worker_processes 1;\n') => ({
  path: '/etc/nginx/nginx.conf',
  before,
  after,
});
const changed = (after: string, before?: string) =>
  report({ findings: [finding('/etc/nginx/nginx.conf', { diff: diffOf(after, before) })] });

/** What is kept of checks that follow each other. */
function keptOf(reports: readonly DriftReport[]): readonly PastCheck[] {
  const kept: PastCheck[] = [];
  for (const [index, one] of reports.entries()) {
    const numbered = { ...one, id: `check${index}`, at: at(`0${index}:00`) };
    kept.push(keptReport(numbered, heldDiffs(kept), masked));
  }
  return kept;
}

const diffsIn = (checks: readonly PastCheck[]) =>
  checks.map(({ report: one }) => one.findings[0]?.diff?.after);

describe('what is kept of a report', () => {
  it('has no secret, not the old one that a new one takes the place of either', () => {
    const { report: kept } = keptReport(
      {
        ...changed('auth_pass hunter2\n', 'auth_pass letmein\n'),
        troubles: [{ what: 'login as hunter2 failed', why: ['hunter2'] }],
      },
      new Map(),
      masked,
    );
    expect(JSON.stringify(kept)).not.toMatch(/hunter2|letmein/);
    expect(kept.findings[0]?.diff).toEqual(diffOf('auth_pass [secret]\n', 'auth_pass [old secret]\n'));
    expect(kept.troubles).toEqual([{ what: 'login as [secret] failed', why: ['[secret]'] }]);
  });

  it('leaves out what the last run changed, which is written down elsewhere', () => {
    const change = { id: 'files nginx', summary: '1 to write', is: 'done' as const };
    const lastRun = {
      v: 1 as const,
      run: 'a',
      playbook: 'phase1',
      by: 'root',
      from: 'control',
      start: at('02:00'),
      host: 'svr1',
      result: 'changed' as const,
      changes: [change],
    };
    const cluster = judgeStatus([hostStatus('svr1', { lastRun })], []);
    const { report: kept } = keptReport(report({ cluster }), new Map(), masked);
    expect(kept.cluster.hosts[0]?.lastRun).toEqual({ ...lastRun, changes: [] });
  });

  it('leaves out the texts of large files, and of many', () => {
    const large = 'x'.repeat(17_000);
    const { report: kept } = keptReport(changed(large), new Map(), masked);
    expect(kept.findings).toMatchObject([{ item: '/etc/nginx/nginx.conf', found: 'content changed' }]);
    expect(kept.findings[0]).not.toHaveProperty('diff');
    const many = Array.from({ length: 100 }, (_, index) =>
      finding(`/etc/${index}`, { id: `${index}`, diff: diffOf('x'.repeat(8000)) }),
    );
    const { report: all } = keptReport(report({ findings: many }), new Map(), masked);
    expect(all.findings.filter(({ diff }) => diff !== undefined).length).toBeGreaterThan(10);
    expect(JSON.stringify(all).length).toBeLessThan(160_000);
  });
});

describe('a difference that lasts', () => {
  it('is written down once, and again when it becomes another', () => {
    const checks = keptOf([changed('a'), changed('a'), changed('b'), changed('b'), changed('a')]);
    expect(diffsIn(checks)).toEqual(['a', undefined, 'b', undefined, 'a']);
    expect(checks.map((check) => diffsIn([{ report: withDiffs(check, checks) }])[0])).toEqual([
      'a',
      'a',
      'b',
      'b',
      'a',
    ]);
  });

  it('is not taken for the one before when it is too large to be kept', () => {
    const checks = keptOf([changed('a'), changed('x'.repeat(17_000)), changed('a')]);
    expect(checks.map((check) => diffsIn([{ report: withDiffs(check, checks) }])[0])).toEqual([
      'a',
      undefined,
      'a',
    ]);
  });

  it('is missing where the check that has it is forgotten', () => {
    const [, second = { report: report() }] = keptOf([changed('a'), changed('a')]);
    expect(diffsIn([{ report: withDiffs(second, [second]) }])).toEqual([undefined]);
  });
});
