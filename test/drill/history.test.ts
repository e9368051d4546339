import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DrillRow, KeptRow } from '../../src/core/drill.ts';
import { historyFile, mergeHistory, readHistory, writeHistory } from '../../src/drill/history.ts';

const WHERE = { projectDir: '/srv/shop', inventory: '/srv/shop/inventory/hosts.yml', playbook: 'phase1' };
const KEPT: KeptRow = { fault: 'reboot', host: 'svr1', role: 'holder', lost: 1, outageMs: 10, at: 5 };

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drill-history-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('the file', () => {
  it('is in the state directory, and another one for each project, inventory and playbook', () => {
    const files = [
      historyFile(WHERE, { HOME: '/home/me' }),
      historyFile(WHERE, { HOME: '/home/me', XDG_STATE_HOME: '/state' }),
      historyFile({ ...WHERE, projectDir: '/srv/other' }, { HOME: '/home/me' }),
      historyFile({ ...WHERE, inventory: '/srv/shop/inventory/other.yml' }, { HOME: '/home/me' }),
      historyFile({ ...WHERE, playbook: './deploy/web.ts' }, { HOME: '/home/me' }),
    ];

    expect(files[0]).toMatch(/^\/home\/me\/\.local\/state\/run-playbook\/drills\/[0-9a-f]{12}-phase1\.json$/);
    expect(files[1]).toMatch(/^\/state\/run-playbook\/drills\/[0-9a-f]{12}-phase1\.json$/);
    expect(files[4]).toMatch(/^\/home\/me\/\.local\/state\/run-playbook\/drills\/[^/]+$/);
    expect(new Set(files).size).toBe(files.length);
  });

  it('gives back what was written, readable by its owner alone', async () => {
    const file = join(folder, 'new', 'a.json');
    await writeHistory(file, [KEPT]);

    expect(await readHistory(file)).toEqual([KEPT]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(dirname(file))).toEqual(['a.json']);
  });

  it.each([
    ['that is not there', undefined],
    ['that is cut short', '{"version":1,"rows":['],
    ['of another version', '{"version":2,"rows":[{}]}'],
    ['of something else', '[]'],
  ])('%s is no history', async (name, text) => {
    const file = join(folder, `${name}.json`);
    if (text !== undefined) {
      await writeFile(file, text);
    }

    expect(await readHistory(file)).toEqual([]);
  });
});

it('what this drill did not try is kept from the one before', () => {
  const row: DrillRow = {
    ...KEPT,
    lost: 3,
    trials: [],
    limits: {},
    lostByTarget: [3],
    vip: 'stays',
    wholeMs: 900,
    verdict: 'passed',
  };
  const other = { ...KEPT, fault: 'freeze' };

  expect(mergeHistory([other, KEPT], [row], 9)).toEqual([
    other,
    { fault: 'reboot', host: 'svr1', role: 'holder', lost: 3, outageMs: 10, wholeMs: 900, at: 9 },
  ]);
});
