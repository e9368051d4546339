import { describe, expect, it } from 'vitest';
import * as recordings from './recordings.ts';
import { replay, type ReplayOptions } from './replay.ts';
import { watched, watchedLosses, watchedUntilInterrupted } from './watch-recordings.ts';

/** What is printed for which recorded run: one golden file each, stderr first. */
const CASES: readonly (readonly [string, recordings.Recording, ReplayOptions])[] = [
  ['fresh', recordings.fresh(), {}],
  ['fresh-80-columns', recordings.fresh(), { form: 'quiet', showsPlan: true, isTTY: true }],
  ['fresh-ascii', recordings.fresh(), { env: { LANG: 'C' } }],
  ['fresh-traffic', recordings.fresh(), { verbosity: 2 }],
  ['clean', recordings.clean(), {}],
  ['clean-verbose', recordings.clean(), { verbosity: 1 }],
  ['check', recordings.check(), {}],
  ['check-diff', recordings.check(), { diff: true }],
  ['check-warned', recordings.warned(recordings.check()), {}],
  [
    'check-warned-80-columns',
    recordings.warned(recordings.check()),
    { isTTY: true, env: { LANG: 'C.UTF-8', NO_COLOR: '1' } },
  ],
  ['fresh-warned', recordings.warned(recordings.fresh()), {}],
  ['fresh-warned-quiet', recordings.warned(recordings.fresh()), { form: 'quiet', showsPlan: true }],
  ['clean-warned-json', recordings.warned(recordings.clean()), { form: 'json' }],
  ['failure', recordings.failure(), {}],
  ['failure-80-columns', recordings.failure(), { isTTY: true, env: { LANG: 'C.UTF-8', NO_COLOR: '1' } }],
  ['failure-quiet', recordings.failure(), { form: 'quiet' }],
  ['unreachable', recordings.unreachable(), {}],
  ['interrupted', recordings.interrupted(), {}],
  ['fleet-clean', recordings.fleetClean(), {}],
  ['fleet-check', recordings.fleetCheck(), {}],
  ['fleet-fresh', recordings.fleetFresh(), { form: 'quiet', showsPlan: true }],
  ['hostile', recordings.hostile(), { diff: true }],
  ['hostile-ascii', recordings.hostile(), { diff: true, env: {} }],
  ['watched', watched(), {}],
  ['watched-losses', watchedLosses(), {}],
  ['watched-losses-80-columns', watchedLosses(), { isTTY: true, env: { LANG: 'C.UTF-8', NO_COLOR: '1' } }],
  ['watched-losses-ascii', watchedLosses(), { env: { LANG: 'C' } }],
  ['watched-losses-quiet', watchedLosses(), { form: 'quiet' }],
  ['watched-interrupted', watchedUntilInterrupted(), {}],
  ['watched-losses-json', watchedLosses(), { form: 'json' }],
  ['watched-json', watched(), { form: 'json' }],
  ['fresh-json', recordings.fresh(), { form: 'json' }],
  ['check-diff-json', recordings.check(), { form: 'json', diff: true }],
  ['failure-json', recordings.failure(), { form: 'json' }],
  ['hostile-json', recordings.hostile(), { form: 'json', diff: true }],
];

describe('what a run prints', () => {
  it.each(CASES)('%s', async (name, recording, options) => {
    const { stdout, stderr } = await replay(recording, options);

    const printed = [stderr, stdout].filter((text) => text !== '').join('--- stdout ---\n');
    await expect(printed).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  it.each(CASES)('%s: no secret and nothing that a terminal would obey', async (_, recording, options) => {
    const { stdout, stderr } = await replay(recording, options);

    expect(stdout + stderr).not.toContain('swordfish');
    expect(stdout + stderr).not.toMatch(/auth_pass 1111/);
    expect(plainOf(stdout + stderr)).not.toMatch(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/u);
  });
});

describe('colours', () => {
  it('are for terminals', async () => {
    const { stdout, stderr } = await replay(recordings.check(), { isTTY: true, diff: true });

    expect(stdout).toContain('\x1b[32m+worker_processes auto;\x1b[39m');
    expect(stderr).toContain('\x1b[1mphase1\x1b[22m');
  });

  it.each([
    ['NO_COLOR', { NO_COLOR: '1' }],
    ['a dumb terminal', { TERM: 'dumb' }],
  ])('are turned off by %s', async (_, env) => {
    const { stdout, stderr } = await replay(recordings.check(), { isTTY: true, diff: true, env });

    expect(stdout + stderr).not.toContain('\x1b');
  });

  it('are not written to a file unless forced', async () => {
    const piped = await replay(recordings.check());
    const forced = await replay(recordings.check(), { env: { FORCE_COLOR: '1' } });

    expect(piped.stdout).not.toContain('\x1b');
    expect(forced.stdout).toContain('\x1b[');
  });

  it('change nothing but colours', async () => {
    const plain = await replay(recordings.failure());
    const colored = await replay(recordings.failure(), { env: { LANG: 'C.UTF-8', FORCE_COLOR: '1' } });

    expect(plainOf(colored.stdout)).toBe(plain.stdout);
  });
});

describe('size', () => {
  it('shows 50 hosts without changes on one screen', async () => {
    const { stdout } = await replay(recordings.fleetClean(), { isTTY: true, columns: 80 });

    expect(stdout.split('\n').length).toBeLessThan(24);
  });

  it('keeps to the width of the terminal, commands to copy excepted', async () => {
    const { stdout } = await replay(recordings.fresh(), {
      isTTY: true,
      columns: 80,
      env: { LANG: 'C.UTF-8', NO_COLOR: '1' },
    });

    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});

describe('--json', () => {
  it('predicts in check the ids that apply reports', async () => {
    const [check, apply] = await Promise.all(
      [recordings.check(), recordings.fresh()].map((run) => replay(run, { form: 'json' })),
    );

    const predicted = JSON.parse(check?.stdout ?? '').hosts.svr1.changes as readonly { id: string }[];
    const reported = JSON.parse(apply?.stdout ?? '').hosts.svr1.applied as readonly { id: string }[];
    expect(reported.map(({ id }) => id)).toEqual(predicted.map(({ id }) => id));
  });

  it('has diffs only with --diff', async () => {
    const { stdout } = await replay(recordings.check(), { form: 'json' });

    expect(stdout).not.toContain('"diff"');
  });
});

function plainOf(text: string): string {
  const esc = '\x1b';
  return text.replaceAll(new RegExp(`${esc}\\[\\d+m`, 'g'), '');
}
