import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labDown, labUp } from '../../scripts/lab/index.ts';
import type { HostDocument, RunDocument } from '../../src/report/document.ts';
import { differingPaths, parseSnapshot, SNAPSHOT, type Snapshot } from '../contract/snapshot.ts';
import { cannotRunLab, HOSTS, onHost, phase1, type HostName } from './support/pair.ts';

const NAME = `t-check-${process.pid}`;

const snapshots = async (): Promise<ReadonlyMap<HostName, Snapshot>> =>
  new Map(
    await Promise.all(
      HOSTS.map(async (host) => [host, parseSnapshot(await onHost(NAME, host, SNAPSHOT))] as const),
    ),
  );

function hostOf(run: RunDocument, host: HostName): HostDocument {
  const found = run.hosts[host];
  if (found === undefined) {
    throw new Error(`nothing of ${host} in ${JSON.stringify(run)}`);
  }
  return found;
}

/** The lines that a unified diff of a new file adds. */
function addedText(unified: string): string {
  const lines = unified.split('\n').filter((line) => line.startsWith('+') && !line.startsWith('+++ '));
  return lines.map((line) => `${line.slice(1)}\n`).join('');
}

describe.skipIf(cannotRunLab)('--check --diff on bare hosts', () => {
  let before: ReadonlyMap<HostName, Snapshot>;
  let after: ReadonlyMap<HostName, Snapshot>;
  let checked: RunDocument;
  let applied: RunDocument;

  beforeAll(async () => {
    await labUp({ name: NAME });
    before = await snapshots();
    checked = await phase1(NAME, '--check', '--diff');
    after = await snapshots();
  });

  afterAll(() => labDown({ name: NAME }));

  test('tells what would be changed on both hosts, and ends with 2', () => {
    expect(checked).toMatchObject({ check: true, exit: 2, errors: [] });
    for (const host of HOSTS) {
      const { status, changes, applied: done } = hostOf(checked, host);
      expect([status, done, changes.filter(({ unknown }) => unknown !== undefined)]).toEqual([
        'pending',
        [],
        [],
      ]);
      expect(changes.map(({ id }) => id)).toEqual([
        'package nginx',
        'files nginx page',
        'files nginx',
        'files nginx unit',
        'service nginx',
        'files check scripts',
        'package keepalived',
        'user keepalived_script',
        'task track file of nginx',
        'files keepalived track files',
        'files keepalived state script',
        'files keepalived',
        'files keepalived unit',
        'service keepalived',
      ]);
    }
  });

  test.each(HOSTS)(
    'leaves %s untouched: bytes, mode, owner, mtime and ctime of every file, the package database',
    (host) => {
      const [was, is] = [before.get(host) ?? new Map(), after.get(host) ?? new Map()];
      expect(was.size).toBeGreaterThan(500);
      expect(was.get('/var/lib/dpkg/status')?.digest).toMatch(/^[0-9a-f]{64}$/);
      expect(differingPaths(was, is)).toEqual([]);
    },
  );

  test('costs one connection and two commands on each host: what is there, and what the network says', () => {
    expect(HOSTS.map((host) => hostOf(checked, host).traffic)).toMatchObject([
      { connections: 1, execs: 2 },
      { connections: 1, execs: 2 },
    ]);
  });

  describe('and then for real', () => {
    beforeAll(async () => {
      applied = await phase1(NAME, '--diff');
    });

    test('does exactly what was predicted, in that order, and nothing that was predicted was unneeded', () => {
      expect(applied).toMatchObject({ check: false, exit: 0, errors: [] });
      for (const host of HOSTS) {
        const [predicted, done] = [hostOf(checked, host), hostOf(applied, host)];
        expect(done.applied.map(({ id }) => id)).toEqual(predicted.changes.map(({ id }) => id));
        expect(done.changes).toEqual(predicted.changes);
        expect(done.unneeded).toEqual([]);
      }
    });

    test.each(HOSTS)(
      'writes on %s the very bytes that the diffs showed, and every file has its diff',
      async (host) => {
        const shown = hostOf(checked, host).changes.flatMap(({ diff = [] }) => diff);
        const written = hostOf(checked, host).changes.flatMap(({ details }) =>
          details.flatMap((detail) => (detail.endsWith('-> written') ? [detail.split('  ')[0]] : [])),
        );
        expect(shown.map(({ path }) => path)).toEqual(written);
        for (const { path, unified } of shown) {
          expect([path, addedText(unified)]).toEqual([path, await onHost(NAME, host, `cat ${path}`)]);
        }
      },
    );

    test('a snapshot sees what applying does', async () => {
      const now = await snapshots();
      for (const host of HOSTS) {
        const changed = differingPaths(after.get(host) ?? new Map(), now.get(host) ?? new Map());
        expect(changed).toEqual(
          expect.arrayContaining(['/etc/passwd', '/etc/nginx/nginx.conf', '/var/lib/dpkg/status']),
        );
      }
    });

    test('a second run finds nothing to do, at the price of a check, and leaves no trace either', async () => {
      const settled = await snapshots();
      const again = await phase1(NAME);
      expect(again).toMatchObject({ exit: 0, errors: [] });
      const now = await snapshots();
      for (const host of HOSTS) {
        expect(hostOf(again, host)).toMatchObject({
          status: 'ok',
          changes: [],
          applied: [],
          traffic: { connections: 1, execs: 1 },
        });
        expect(differingPaths(settled.get(host) ?? new Map(), now.get(host) ?? new Map())).toEqual([]);
      }
    });
  });
});
