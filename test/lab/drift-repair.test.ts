import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labDown, labUp } from '../../scripts/lab/index.ts';
import type { ChangeDocument, RunDocument } from '../../src/report/document.ts';
import { differingPaths, parseSnapshot, SNAPSHOT, type Entry, type Snapshot } from '../contract/snapshot.ts';
import { DRIFTS, FILES, type Drift } from './support/drifts.ts';
import { cannotRunLab, HOSTS, onHost, phase1, redundant, type HostName } from './support/pair.ts';

const NAME = `t-drift-${process.pid}`;

/** What keepalived and its checks say of themselves, now: that goes on while somebody looks. */
const SAID = /^\/run\/ha-track\/\w+\.state$/;

type Snapshots = ReadonlyMap<HostName, Snapshot>;

async function snapshots(): Promise<Snapshots> {
  const taken = HOSTS.map(async (host) => [host, parseSnapshot(await onHost(NAME, host, SNAPSHOT))] as const);
  return new Map(await Promise.all(taken));
}

function differing(
  before: Snapshots,
  after: Snapshots,
  ignored?: (host: HostName, path: string, entry: Entry) => readonly (keyof Entry)[],
): readonly string[] {
  return HOSTS.flatMap((host) =>
    differingPaths(before.get(host) ?? new Map(), after.get(host) ?? new Map(), (path, entry) =>
      ignored === undefined ? [] : ignored(host, path, entry),
    )
      .filter((path) => !SAID.test(path))
      .map((path) => `${host} ${path}`),
  );
}

function changesOf(run: RunDocument, host: HostName): readonly ChangeDocument[] {
  return run.hosts[host]?.changes ?? [];
}

/** Ids in the order in which the playbook declares them. */
let order: readonly string[] = [];
let declaredFiles: readonly string[] = [];

/** What these drifts change on a host, in order. */
function expectedIds(drifts: readonly Drift[], host: HostName): readonly string[] {
  const ids = new Set(drifts.filter((drift) => drift.host === host).flatMap(({ told }) => Object.keys(told)));
  return order.filter((id) => ids.has(id));
}

describe.skipIf(cannotRunLab)('drift', () => {
  beforeAll(async () => {
    await labUp({ name: NAME });
    const bare = await phase1(NAME, '--check', '--diff');
    order = changesOf(bare, 'svr1').map(({ id }) => id);
    declaredFiles = changesOf(bare, 'svr1').flatMap(({ diff = [] }) => diff.map(({ path }) => path));
    expect(await phase1(NAME)).toMatchObject({ exit: 0 });
    await redundant(NAME);
  });

  afterAll(() => labDown({ name: NAME }));

  test('every managed file has its drifts here', () => {
    expect(Object.keys(FILES).toSorted()).toEqual(declaredFiles.toSorted());
  });

  describe.each(DRIFTS)('$about', ({ drifts }) => {
    let converged: Snapshots;
    let planted: Snapshots;
    let afterCheck: Snapshots;
    let checked: RunDocument;

    beforeAll(async () => {
      converged = await snapshots();
      await Promise.all(
        HOSTS.map((host) =>
          onHost(
            NAME,
            host,
            drifts
              .filter((drift) => drift.host === host)
              .map(({ plant }) => plant)
              .join('\n'),
          ),
        ),
      );
      planted = await snapshots();
      checked = await phase1(NAME, '--check', '--diff');
      afterCheck = await snapshots();
    });

    test.each(drifts)('check names $host: $about', ({ host, told }) => {
      for (const [id, text] of Object.entries(told)) {
        const change = changesOf(checked, host).find((one) => one.id === id);
        for (const words of [text].flat()) {
          expect([change?.summary, ...(change?.details ?? [])].join('\n')).toContain(words);
        }
      }
    });

    test('check names nothing else, ends with 2 and changes nothing', () => {
      expect(checked).toMatchObject({ exit: 2, errors: [] });
      for (const host of HOSTS) {
        expect(changesOf(checked, host).map(({ id }) => id)).toEqual(expectedIds(drifts, host));
      }
      expect(differing(planted, afterCheck)).toEqual([]);
    });

    test('apply repairs exactly that, and leaves the rest of both hosts untouched', async () => {
      const applied = await phase1(NAME);
      expect(applied).toMatchObject({ exit: 0, errors: [] });
      for (const host of HOSTS) {
        expect(applied.hosts[host]?.applied.map(({ id }) => id)).toEqual(expectedIds(drifts, host));
        expect(applied.hosts[host]?.unneeded).toEqual([]);
      }
      // What was repaired is as it was, but for when it was written; nothing else is written at all.
      const strays = differing(converged, await snapshots(), (host, path, { type }) =>
        type === 'd' ||
        drifts.some((drift) => drift.host === host && drift.rewrites.some((one) => path.startsWith(one)))
          ? ['modified', 'changed']
          : [],
      );
      const left = drifts.flatMap(({ host, leaves = [] }) => leaves.map((path) => `${host} ${path}`));
      expect(strays.filter((stray) => !left.some((path) => stray.startsWith(path)))).toEqual([]);
    });

    test('a third run is clean', async () => {
      const again = await phase1(NAME);
      expect(again).toMatchObject({ exit: 0, errors: [] });
      expect(HOSTS.map((host) => again.hosts[host]?.status)).toEqual(['ok', 'ok']);
      await redundant(NAME);
    });
  });
});
