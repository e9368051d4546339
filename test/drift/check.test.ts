import { expect, test, vi } from 'vitest';
import { EXIT } from '../../src/core/error.ts';
import { OtherPlaybook, type DriftReport } from '../../src/core/drift.ts';
import { appliedQuery } from '../../src/stages/applied.ts';
import { nameOf } from '../golden/observed.ts';
import { checked, type Moment } from './memory-site.ts';

/** A check, and how long it paused between two readings. */
async function timed(...args: Parameters<typeof checked>) {
  let pausedMs = 0;
  const pause = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((work: () => void, ms: number) => {
    pausedMs += ms;
    queueMicrotask(work);
  }) as typeof setTimeout);
  try {
    return { ...(await checked(...args)), pausedMs };
  } finally {
    pause.mockRestore();
  }
}

const found = ({ findings }: DriftReport) =>
  findings.map(({ severity, host = 'cluster', item }) => `${severity} ${host} ${item}`);

const WRONG = { host: 'svr1', found: 'wrong' };

test('what is well is looked at once', async () => {
  const report = await timed([{}]);
  expect(report).toMatchObject({ exit: EXIT.converged, readings: 1, pausedMs: 0, findings: [] });
});

test('what looks wrong is reported when it still does after two seconds', async () => {
  const report = await timed([{ observations: [WRONG] }]);
  expect(found(report)).toEqual(['drift svr1 a thing']);
  expect(report).toMatchObject({ exit: EXIT.changesPending, readings: 2, pausedMs: 2000 });
  expect(Object.keys(report.findings[0] ?? {}).toSorted()).toEqual(
    ['class', 'expected', 'found', 'host', 'id', 'item', 'role', 'severity'].toSorted(),
  );
});

test('what is over by then, and what is new by then, is not reported', async () => {
  const report = await timed([
    { observations: [WRONG] },
    {
      observations: [
        { ...WRONG, item: 'another' },
        { ...WRONG, host: 'svr2' },
      ],
    },
  ]);
  expect([found(report), report.exit]).toEqual([[], EXIT.converged]);
});

test('what takes longer to settle is given that time', async () => {
  const report = await timed([{ observations: [{ ...WRONG, settlesMs: 3500 }] }, {}]);
  expect([found(report), report.pausedMs]).toEqual([[], 3500]);
});

test('what is for people only is no reason to look again', async () => {
  const report = await timed([{ observations: [{ ...WRONG, severity: 'notice' }] }]);
  expect([found(report), report.readings, report.exit]).toEqual([['notice svr1 a thing'], 1, EXIT.converged]);
});

test('the same thing seen twice is one finding, as heavy as the heavier', async () => {
  const degraded = { ...WRONG, severity: 'degraded', found: 'very wrong' } as const;
  const report = await timed([{ observations: [WRONG, degraded] }]);
  expect(report.findings).toMatchObject([{ severity: 'degraded', found: 'very wrong' }]);
  expect(report.exit).toBe(EXIT.degraded);
});

test.each<[string, readonly Moment[]]>([
  ['first', [{ locks: { svr1: 'phase2 by root' } }, {}]],
  ['second', [{}, { locks: { svr1: 'phase2 by root' } }]],
])('a host that a run works on at the %s reading is not reported, nor the cluster', async (_, moments) => {
  const observations = [
    WRONG,
    { ...WRONG, host: 'svr2' },
    { ...WRONG, host: 'svr2', item: 'what it makes of svr1', because: ['svr1'] },
    { host: undefined, found: 'wrong' },
  ];
  const report = await timed(moments.map((moment) => ({ ...moment, observations })));
  expect(found(report)).toEqual(['drift svr2 a thing']);
  expect(report.hosts).toMatchObject([
    { host: 'svr1', status: 'suppressed', suppressed: 'locked by phase2 by root' },
    { host: 'svr2', status: 'drifted' },
  ]);
});

test('a host that is down in its maintenance window is suppressed, not unreachable', async () => {
  const moments: readonly Moment[] = [{ silent: ['svr1'] }];
  expect(await timed(moments)).toMatchObject({
    exit: EXIT.unreachable,
    hosts: [{ status: 'unreachable' }, { status: 'in-sync' }],
  });
  const maintenance = [
    { from: '2020-01-01T00:00:00Z', until: '2999-01-01T00:00:00Z', host: 'svr1', reason: 'new disk' },
  ];
  expect(await timed(moments, { maintenance })).toMatchObject({
    exit: EXIT.converged,
    hosts: [{ status: 'suppressed' }, { status: 'in-sync' }],
  });
});

test('a playbook that was guessed has to be the one that the hosts were left by', async () => {
  const record = { v: 1, run: 'a', at: '2026-01-31T03:00:00Z', observed: {}, packages: {} };
  const left = (playbook: string): Moment => ({
    answers: {
      [nameOf(appliedQuery)]: { exit: 0, stdout: `key\n${JSON.stringify({ ...record, playbook })}` },
    },
  });
  await expect(timed([left('other')], { isGuess: true })).rejects.toThrow(new OtherPlaybook('other'));
  expect(await timed([left('other')])).toMatchObject({ exit: EXIT.converged });
  expect(await timed([left('site')], { isGuess: true })).toMatchObject({ exit: EXIT.converged });
});
