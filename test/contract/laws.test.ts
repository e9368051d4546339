import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labDown, labUp, missingPackages } from '../../scripts/lab/index.ts';
import type { Connection } from '../../src/core/connection.ts';
import { planHost, type PlanStep } from '../../src/core/plan.ts';
import type { Change, Resource } from '../../src/core/resource.ts';
import { rawScript } from '../../src/core/script.ts';
import { factsFrom, hostFacts } from '../../src/queries/facts.ts';
import { runAction, type ApplyContext } from '../../src/stages/apply.ts';
import { probe } from '../../src/stages/probe.ts';
import { connect } from '../../src/transport/index.ts';
import { doorTo, type Doorway } from './doorway.ts';
import { differingPaths, snapshotOf, type Snapshot } from './snapshot.ts';
import type { State } from './state.ts';
import { directoryStates } from './states/directory.ts';
import { fileStates } from './states/files.ts';
import { packageStates } from './states/package.ts';
import { serviceStates } from './states/service.ts';
import { sysctlStates } from './states/sysctl.ts';
import { taskStates } from './states/task.ts';
import { userStates } from './states/user.ts';

const LAB = `t-contract-${process.pid}`;
const SVR1 = { name: 'svr1', address: '172.25.254.131' };

const STATES: Readonly<Record<string, readonly State[]>> = {
  directory: directoryStates,
  files: fileStates,
  package: packageStates,
  service: serviceStates,
  sysctl: sysctlStates,
  task: taskStates,
  user: userStates,
};

const cannot = process.getuid?.() !== 0 || process.platform !== 'linux' || missingPackages().length > 0;

let door: Doorway;
let connection: Connection;
let runs = 0;

beforeAll(async () => {
  if (cannot) return;
  await labUp({ name: LAB, hosts: [SVR1] });
  door = await doorTo(LAB, SVR1.name, SVR1.address);
  connection = await connect(door.target);
});

afterAll(async () => {
  if (cannot) return;
  await connection?.close();
  await door?.close();
  await labDown({ name: LAB });
});

/** Runs a script of a state on the host. */
async function onHost(script: string): Promise<void> {
  const { exit, stderr, stdout } = await connection.exec(rawScript(`set -eu\n${script}`), {
    timeoutMs: 60_000,
  });
  if (exit !== 0) {
    throw new Error(`exit ${exit}: ${stderr}${stdout.toString('utf8')}\n${script}`);
  }
}

/** What the resource reads and what it makes of it. */
async function read(resource: Resource): Promise<{ readonly answers: unknown; readonly step: PlanStep }> {
  const seen = await probe(connection, [hostFacts, ...Object.values(resource.reads)]);
  const [step] = planHost('svr1', [resource], seen, factsFrom(seen)).steps;
  if (step === undefined) {
    throw new Error('no step');
  }
  const entries = Object.entries(resource.reads).map(([name, query]) => [name, seen.answer(query)]);
  return { answers: Object.fromEntries(entries), step };
}

/** Changed, added and removed files, those aside that the change keeps for itself; directories do not count. */
function writtenBetween(before: Snapshot, after: Snapshot): readonly string[] {
  return differingPaths(before, after).filter(
    (path) =>
      !path.startsWith('/var/lib/run-playbook/undo') && (after.get(path) ?? before.get(path))?.type !== 'd',
  );
}

/** Files that the plan names, one line each. */
function plannedPaths({ details = [] }: Change): readonly string[] {
  return details.map((detail) => detail.slice(0, detail.lastIndexOf('  '))).toSorted();
}

async function change(state: State, planned: Change): Promise<void> {
  const { resource, writes } = state;
  const context: ApplyContext = { connection, runId: `contract${(runs += 1)}`, listener: () => {} };
  const timeoutMs = planned.timeoutMs ?? 60_000;
  const [before, reading] = [await snapshotOf(connection), (await read(resource)).answers];

  await runAction(planned.apply, resource, context, timeoutMs);
  const applied = await snapshotOf(connection);
  if (writes !== undefined) {
    expect(writtenBetween(before, applied)).toEqual(writes.toSorted());
  }
  if (resource.kind === 'files') {
    expect(plannedPaths(planned)).toEqual(writes?.filter((path) => !path.includes('/loaded/')).toSorted());
  }
  expect((await read(resource)).step.is, 'apply, then plan').toBe('ok');
  if (state.holds !== undefined) {
    await onHost(state.holds);
  }

  expect(planned.undo === undefined).toBe(state.cannotUndo === true);
  expect(planned.cannotUndo === undefined).toBe(state.cannotUndo !== true);
  if (planned.undo !== undefined) {
    await runAction(planned.undo, resource, context, timeoutMs);
    const undone = await snapshotOf(connection);
    const strays = differingPaths(before, undone, (path, entry) => [
      'changed',
      ...(entry.type === 'd' ? (['modified'] as const) : []),
      ...(state.notRestored?.ignored(path, entry) ?? []),
    ]);
    expect(
      strays.filter((path) => !/^\/var\/lib\/run-playbook(\/loaded|\/undo.*)?$/.test(path)),
      'undone',
    ).toEqual([]);
    const comparable = (answers: unknown) =>
      Object.entries(answers as object).map(([name, answer]) => [
        name,
        state.notReadBack?.without(answer) ?? (answer as unknown),
      ]);
    expect(comparable((await read(resource)).answers), 'apply, undo, read').toEqual(comparable(reading));
  }
}

describe.skipIf(cannot)('the laws of every resource kind', () => {
  test('every kind that src/resources has, has states here', () => {
    const folder = new URL('../../src/resources/', import.meta.url);
    const kinds = readdirSync(folder).flatMap((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      return [...text.matchAll(/^ {4}kind: '([\w-]+)'/gm)].map(([, kind]) => kind);
    });
    expect(Object.keys(STATES)).toEqual(kinds.toSorted());
    for (const [kind, states] of Object.entries(STATES)) {
      expect(new Set(states.map(({ plan }) => plan)), kind).toContain('change');
      expect(new Set(states.map(({ plan }) => plan)), kind).toContain('ok');
    }
  });

  describe.each(Object.keys(STATES))('%s', (kind) => {
    test.each(STATES[kind] ?? [])('$about', async (state) => {
      await onHost(state.given);
      try {
        const before = await snapshotOf(connection);
        const first = await read(state.resource);
        const second = await read(state.resource);
        expect(differingPaths(before, await snapshotOf(connection)), 'reading leaves no trace').toEqual([]);
        expect(second.answers, 'reading twice').toEqual(first.answers);
        expect([state.resource.kind, first.step.is]).toEqual([kind, state.plan]);
        if (first.step.is === 'change') {
          await change(state, first.step.change);
        }
      } finally {
        await onHost(state.cleanUp ?? '');
      }
    });
  });
});
