import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Change } from '../../src/core/resource.ts';
import { runAction } from '../../src/stages/apply.ts';
import { cannotRunLab, ContractHost } from './host.ts';
import { differingPaths, METADATA, type Snapshot } from './snapshot.ts';
import type { State } from './state.ts';
import { directoryStates } from './states/directory.ts';
import { fileStates } from './states/files.ts';
import { packageStates } from './states/package.ts';
import { serviceStates } from './states/service.ts';
import { sysctlStates } from './states/sysctl.ts';
import { taskStates } from './states/task.ts';
import { userStates } from './states/user.ts';

const STATES: Readonly<Record<string, readonly State[]>> = {
  directory: directoryStates,
  files: fileStates,
  package: packageStates,
  service: serviceStates,
  sysctl: sysctlStates,
  task: taskStates,
  user: userStates,
};

let host: ContractHost;

beforeAll(async () => {
  if (!cannotRunLab) {
    host = await ContractHost.start('laws');
  }
});

afterAll(async () => {
  await host?.stop();
});

/** Changed, added and removed files, those aside that the change keeps for itself; directories do not count. */
function writtenBetween(before: Snapshot, after: Snapshot): readonly string[] {
  return differingPaths(before, after, () => ['digest']).filter(
    (path) =>
      !path.startsWith('/var/lib/run-playbook/undo') && (after.get(path) ?? before.get(path))?.type !== 'd',
  );
}

/** Files that the plan names, one line each. */
function plannedPaths({ details = [] }: Change): readonly string[] {
  return details.map((detail) => detail.slice(0, detail.lastIndexOf('  '))).toSorted();
}

/** Whether a path is of what changes keep for undoing them, or of the engine's own directories. */
function isOfTheEngine(path: string): boolean {
  return path === '/var/lib/run-playbook' || /^\/var\/lib\/run-playbook\/(loaded$|undo)/.test(path);
}

interface Before {
  readonly snapshot: Snapshot;
  readonly answers: unknown;
}

async function change(state: State, planned: Change, before: Before): Promise<void> {
  const { resource, writes } = state;
  const context = host.newRun();
  const timeoutMs = planned.timeoutMs ?? 60_000;

  await runAction(planned.apply, resource, context, timeoutMs);
  const written = writtenBetween(before.snapshot, await host.snapshot(METADATA));
  if (writes !== undefined) {
    expect(written, 'written').toEqual(writes.toSorted());
  }
  if (resource.kind === 'files') {
    expect(plannedPaths(planned), 'planned').toEqual(written.filter((path) => !path.includes('/loaded/')));
  }
  expect((await host.read(resource)).step.is, 'apply, then plan').toBe('ok');
  if (state.holds !== undefined) {
    await host.run(state.holds);
  }

  expect([planned.undo === undefined, planned.cannotUndo !== undefined], 'undo').toEqual(
    state.cannotUndo === true ? [true, true] : [false, false],
  );
  if (planned.undo !== undefined) {
    await runAction(planned.undo, resource, context, timeoutMs);
    await expectUndone(state, before);
  }
}

async function expectUndone({ resource, notRestored, notReadBack }: State, before: Before): Promise<void> {
  const strays = differingPaths(before.snapshot, await host.snapshot(), (path, entry) => [
    'changed',
    ...(entry.type === 'd' ? (['modified'] as const) : []),
    ...(notRestored?.ignored(path, entry) ?? []),
  ]);
  expect(
    strays.filter((path) => !isOfTheEngine(path)),
    'apply, undo',
  ).toEqual([]);
  const comparable = (answers: unknown) =>
    Object.entries(answers as object).map(([name, answer]: [string, unknown]) => [
      name,
      notReadBack === undefined ? answer : notReadBack.without(answer),
    ]);
  expect(comparable((await host.read(resource)).answers), 'apply, undo, read').toEqual(
    comparable(before.answers),
  );
}

describe.skipIf(cannotRunLab)('the laws of every resource kind', () => {
  test('every kind that src/resources has, has states here', () => {
    const folder = new URL('../../src/resources/', import.meta.url);
    const kinds = readdirSync(folder).flatMap((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      return [...text.matchAll(/^ {4}kind: '([\w-]+)'/gm)].map(([, kind]) => kind);
    });
    expect(Object.keys(STATES)).toEqual([...new Set(kinds)].toSorted());
    for (const [kind, states] of Object.entries(STATES)) {
      expect(new Set(states.map(({ plan }) => plan)), kind).toContain('change');
      expect(new Set(states.map(({ plan }) => plan)), kind).toContain('ok');
    }
  });

  describe.each(Object.keys(STATES))('%s', (kind) => {
    test.each(STATES[kind] ?? [])('$about', async (state) => {
      await host.run(state.given);
      try {
        const untouched = await host.snapshot(METADATA);
        const first = await host.read(state.resource);
        const second = await host.read(state.resource);
        const snapshot = await host.snapshot();
        expect(
          differingPaths(untouched, snapshot, () => ['digest']),
          'reading leaves no trace',
        ).toEqual([]);
        expect(second.answers, 'reading twice').toEqual(first.answers);
        expect([state.resource.kind, first.step.is]).toEqual([kind, state.plan]);
        if (first.step.is === 'change') {
          await change(state, first.step.change, { snapshot, answers: first.answers });
        }
      } finally {
        await host.run(state.cleanUp ?? '');
      }
    });
  });
});
