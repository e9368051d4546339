import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepRecord, readRecords } from '../../src/cli/run-records.ts';
import type { RunRecord } from '../../src/core/audit.ts';

let state: string;
let env: NodeJS.ProcessEnv;
let folder: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'rp-records-'));
  env = { XDG_STATE_HOME: state };
  folder = join(state, 'run-playbook', 'history');
});

afterEach(() => rmSync(state, { recursive: true }));

function record(run: string): RunRecord {
  return {
    v: 1,
    run,
    playbook: 'phase1',
    by: 'root',
    from: 'control',
    start: '2026-01-31T03:00:00.000Z',
    project: '/srv/web',
    inventory: '/srv/web/hosts.yml',
    selected: ['svr1'],
  };
}

/** The file of the day so many days ago. */
function fileOf(days: number): string {
  const day = new Date(Date.now() - days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  return join(folder, `${day}.jsonl`);
}

const today = () => readdirSync(folder).toSorted().at(-1) ?? '';
const runsIn = async (runs = 100) => (await readRecords(runs, env)).records.map(({ run }) => run);

describe('the record of runs', () => {
  it('is read in the order written', async () => {
    await keepRecord(record('a'), env);
    await keepRecord(record('b'), env);
    expect(await runsIn()).toEqual(['a', 'b']);
  });

  it('is empty where nothing was kept yet', async () => {
    expect(await readRecords(1, env)).toEqual({ records: [], unread: 0 });
  });

  it('leaves lines of a newer program alone, and tells how many', async () => {
    await keepRecord(record('a'), env);
    appendFileSync(join(folder, today()), `${JSON.stringify({ ...record('b'), v: 2 })}\n`);
    await keepRecord(record('c'), env);
    const { records, unread } = await readRecords(10, env);
    expect([records.map(({ run }) => run), unread]).toEqual([['a', 'c'], 1]);
  });

  it('is read from its end, as far as it takes; a run counts once', async () => {
    await keepRecord(record('new'), env);
    await keepRecord({ ...record('new'), exit: 0 }, env);
    writeFileSync(fileOf(1), `${JSON.stringify(record('old'))}\n`);
    expect(await runsIn(1)).toEqual(['new', 'new']);
    expect(await runsIn(2)).toEqual(['old', 'new', 'new']);
  });
});
