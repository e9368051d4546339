import { describe, expect, it } from 'vitest';
import { parseHostLine, parseRunRecord, type HostLine, type RunRecord } from '../../src/core/audit.ts';
import { mergeHistory } from '../../src/core/history.ts';

const BEGUN: RunRecord = {
  v: 1,
  run: 'a1',
  playbook: 'phase1',
  by: 'root',
  from: 'control',
  start: '2026-01-31T03:00:00.000Z',
  project: '/srv/web',
  inventory: '/srv/web/inventory/hosts.yml',
  selected: ['svr1', 'svr2'],
};

const CHANGE = { id: 'files nginx', summary: '1 to write', is: 'done', before: 'aa', after: 'bb' } as const;

const ENDED: RunRecord = {
  ...BEGUN,
  end: '2026-01-31T03:00:09.000Z',
  exit: 0,
  hosts: { svr1: { result: 'changed', changes: [CHANGE] }, svr2: { result: 'ok', changes: [] } },
};

const LINE: HostLine = {
  v: 1,
  run: 'a1',
  playbook: 'phase1',
  by: 'root',
  from: 'control',
  start: BEGUN.start,
  host: 'svr1',
  result: 'changed',
  changes: [CHANGE],
};

describe('the history', () => {
  it('has every run once, the last begun first', () => {
    const later = { ...BEGUN, run: 'b2', start: '2026-02-01T00:00:00.000Z' };
    const runs = mergeHistory([BEGUN, ENDED, later], [LINE]);
    expect(runs.map(({ run, exit, known }) => [run, exit, known])).toEqual([
      ['b2', undefined, ['local']],
      ['a1', 0, ['local', 'svr1']],
    ]);
    expect(runs[1]?.hosts).toEqual(ENDED.hosts);
    expect(runs[1]).not.toHaveProperty('inventory');
  });

  it('knows of runs that were made elsewhere from the host alone', () => {
    const [run] = mergeHistory([], [{ ...LINE, by: 'alice', from: 'laptop' }]);
    expect(run).toMatchObject({
      by: 'alice',
      from: 'laptop',
      known: ['svr1'],
      hosts: { svr1: { result: 'changed' } },
    });
  });

  it('a host that has taken a run back by itself says so, of what the controller saw', () => {
    const undone = {
      ...LINE,
      playbook: 'undo',
      by: 'root',
      from: 'svr1',
      result: 'rolled-back',
      changes: [],
    } as const;
    const [run] = mergeHistory([ENDED], [undone]);
    expect(run).toMatchObject({ playbook: 'phase1', from: 'control' });
    expect(run?.hosts['svr1']).toEqual({ result: 'rolled-back', changes: [CHANGE] });
  });
});

describe('a line', () => {
  it('is read again as it was written', () => {
    expect(parseHostLine(JSON.stringify(LINE))).toEqual(LINE);
    expect(parseRunRecord(JSON.stringify(ENDED))).toEqual(ENDED);
  });

  it('may have fields that this program does not know', () => {
    expect(parseHostLine(JSON.stringify({ ...LINE, ticket: 'OPS-7' }))).toEqual(LINE);
  });

  it.each([
    ['is cut off', JSON.stringify(LINE).slice(0, 40)],
    ['is of a newer program', JSON.stringify({ ...LINE, v: 2 })],
    ['is something else', '"root logged in"'],
    ['lacks what every line has', JSON.stringify({ v: 1 })],
  ])('that %s is no line', (_, text) => {
    expect([parseHostLine(text), parseRunRecord(text)]).toEqual([undefined, undefined]);
  });
});
