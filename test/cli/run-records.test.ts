import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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
  it('is for this user only, and read in the order written', async () => {
    await keepRecord(record('a'), env);
    await keepRecord(record('b'), env);
    expect(await runsIn()).toEqual(['a', 'b']);
    expect(statSync(join(folder, today())).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('is empty where nothing was kept yet', async () => {
    expect(await readRecords(1, env)).toEqual({ records: [], unread: 0 });
  });

  it('keeps every line whole while many write at the same time', async () => {
    const wanted = Array.from({ length: 200 }, (_, index) => `run${index}`);
    const command = 'x'.repeat(5000);
    await Promise.all(wanted.map((run) => keepRecord({ ...record(run), command }, env)));
    const { records, unread } = await readRecords(1000, env);
    expect([records.map(({ run }) => run).toSorted(), unread]).toEqual([wanted.toSorted(), 0]);
  });

  it('goes on after a line that was cut off, and tells how many could not be read', async () => {
    await keepRecord(record('a'), env);
    appendFileSync(join(folder, today()), '{"v":1,"run":"cut');
    await keepRecord(record('b'), env);
    const { records, unread } = await readRecords(10, env);
    expect([records.map(({ run }) => run), unread]).toEqual([['a', 'b'], 1]);
  });

  it('forgets what is too old, and of the rest the oldest while it is too much', async () => {
    await keepRecord(record('now'), env);
    const line = `${JSON.stringify(record('old'))}\n`;
    for (const days of [401, 30]) {
      writeFileSync(fileOf(days), line);
    }
    writeFileSync(join(folder, 'notes.txt'), 'of the user');
    await keepRecord(record('next'), env);
    expect([401, 30].map((days) => existsSync(fileOf(days)))).toEqual([false, true]);
    expect(readdirSync(folder)).toContain('notes.txt');
    writeFileSync(fileOf(30), 'x'.repeat(51 * 1024 * 1024));
    await keepRecord(record('last'), env);
    expect(existsSync(fileOf(30))).toBe(false);
    expect(await runsIn()).toEqual(['now', 'next', 'last']);
  });

  it('is read from its end, as far as it takes', async () => {
    await keepRecord(record('new'), env);
    writeFileSync(fileOf(1), `${JSON.stringify(record('old'))}\n`);
    expect(await runsIn(1)).toEqual(['new']);
    expect(await runsIn(2)).toEqual(['old', 'new']);
  });
});
