import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ApplyCommand, PlanCommand } from '../../src/cli/command.ts';
import { parse } from '../../src/cli/parse.ts';
import { programVersion } from '../../src/cli/program-version.ts';
import type { SavedPlan } from '../../src/core/saved-plan.ts';
import { sealedText } from '../../src/load/saved-plan-file.ts';
import { planKey } from '../../src/load/saved-plan-key.ts';
import { PROJECT, runMain } from './in-process.ts';

const DIR = mkdtempSync(join(tmpdir(), 'run-playbook-cli-plan-'));
const ENV = { LANG: 'C.UTF-8', XDG_STATE_HOME: join(DIR, 'state') };
const FILE = join(DIR, 'web.plan');

afterAll(() => rmSync(DIR, { recursive: true, force: true }));

const run = (...args: readonly string[]) => runMain(args, { env: ENV });

const keyPlace = { projectDir: PROJECT, env: ENV, file: join(DIR, 'state/run-playbook/plan-key') };

/** Writes a plan of the playbook that does nothing, as this program would have. */
async function save(more: Partial<SavedPlan> = {}): Promise<void> {
  const key = await planKey(keyPlace);
  const plan: SavedPlan = {
    format: 'run-playbook plan',
    version: 1,
    program: await programVersion(),
    madeAt: '2026-01-31T03:00:00Z',
    madeBy: 'root@control',
    key: key.id,
    arguments: { playbook: 'nothing', tags: [], skipTags: [], extraVars: [] },
    playbook: { name: 'nothing', digest: key.digest('') },
    hosts: [],
    ...more,
  };
  writeFileSync(FILE, sealedText(plan, key, undefined));
}

describe('command lines', () => {
  it('plan: a check, and where it is saved', () => {
    const plan = parse([
      'plan',
      'phase1',
      '-o',
      'f',
      '--sign',
      'k',
      '-l',
      'a',
      '-t',
      'nginx',
      '-e',
      'x.y=1',
      '-D',
    ]);
    expect(plan).toMatchObject({ kind: 'plan', output: 'f', sign: 'k' } satisfies Partial<PlanCommand>);
    expect((plan as PlanCommand).run).toMatchObject({
      kind: 'run',
      playbook: 'phase1',
      check: true,
      diff: true,
      limit: 'a',
      tags: ['nginx'],
      extraVars: ['x.y=1'],
    });
  });

  it('apply: how, but not what', () => {
    const apply = parse([
      'apply',
      'f',
      '-y',
      '--require-signed-by',
      'k',
      '--rollback-batch',
      '--no-watch',
      '--json',
    ]);
    expect(apply).toMatchObject({
      kind: 'apply',
      file: 'f',
      requireSignedBy: 'k',
    } satisfies Partial<ApplyCommand>);
    expect((apply as ApplyCommand).how).toMatchObject({
      check: false,
      yes: true,
      rollback: 'batch',
      watch: false,
      json: true,
    });
  });

  it.each([
    [['plan', 'phase1'], 'plan: no file was named to save the plan in'],
    [['plan', '-o', 'f'], 'plan: PLAYBOOK is missing'],
    [['plan', 'phase1', '-o', 'f', '--yes'], 'plan: unknown option --yes'],
    [['apply'], 'apply: FILE is missing'],
    [['apply', 'f', '-l', 'svr1'], 'apply: unknown option -l'],
    [['apply', 'f', 'g'], 'apply: too many arguments'],
  ])('%j is refused', async (args, what) => {
    const { exit, stderr } = await run(...args);
    expect(stderr).toContain(what);
    expect(exit).toBe(5);
  });
});

describe('plan', () => {
  it('saves nothing when a host cannot be read, and says so', { timeout: 20_000 }, async () => {
    const { exit, stdout, stderr } = await run('plan', 'nothing', '-o', FILE);
    expect(exit).toBe(4);
    expect(stderr).toMatch(new RegExp(`^not saved: ${FILE}$`, 'm'));
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      `Make dead1 reachable, then run again: run-playbook plan nothing -o ${FILE}`,
    );
    expect(readdirSync(DIR)).toEqual(['state']);
    expect(statSync(keyPlace.file).mode & 0o777).toBe(0o600);
  });

  it('refuses a secret in --extra-vars before any host is asked', async () => {
    const { exit, stdout, stderr } = await run(
      'plan',
      'nothing',
      '-o',
      FILE,
      '-e',
      'ansible_password=CANARY',
    );
    expect(stderr).toContain('--extra-vars ansible_password: holds a secret');
    expect(stderr + stdout).not.toContain('CANARY');
    expect(stderr).not.toContain('dead1');
    expect(exit).toBe(5);
  });

  it.each([
    [['-o', join(PROJECT, 'inventory/hosts.yml')], 'hosts.yml: exists and is no saved plan'],
    [['-o', FILE, '--sign', join(PROJECT, 'inventory/hosts.yml')], 'cannot be read as a key'],
  ])('%j is refused', async (args, what) => {
    const { exit, stderr } = await run('plan', 'nothing', ...args);
    expect(stderr).toContain(what);
    expect(exit).toBe(5);
  });
});

describe('apply', () => {
  it.each([
    ['a missing file', () => {}, 'there is no plan'],
    ['a file that is no plan', () => writeFileSync(FILE, '{}\n'), 'is no saved plan'],
  ])('%s is refused', async (_, prepare, what) => {
    rmSync(FILE, { force: true });
    prepare();
    const { exit, stdout, stderr } = await run('apply', FILE, '--json');
    expect(stderr).toContain(what);
    expect(exit).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ exit: 5, hosts: {}, errors: [{ what: expect.any(String) }] });
  });

  it('a changed plan is refused, and so is one that is not signed though it must be', async () => {
    await save();
    const text = readFileSync(FILE, 'utf8');
    writeFileSync(FILE, text.replace('root@control', 'rooT@control'));
    expect(await run('apply', FILE)).toMatchObject({
      exit: 5,
      stderr: expect.stringContaining('was changed after it was saved'),
    });
    writeFileSync(FILE, text);
    const key = join(DIR, 'key.pub');
    writeFileSync(
      key,
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHp5VCTsfYWcX8CR1TwfaNTKbib1nB7dDiedasa5Zjkp a\n',
    );
    expect(await run('apply', FILE, '--require-signed-by', key)).toMatchObject({
      exit: 5,
      stderr: expect.stringContaining('is not signed'),
    });
  });

  it('a plan that was sealed with another key is refused', async () => {
    await save();
    const env = { ...ENV, RUN_PLAYBOOK_PLAN_KEY: 'k'.repeat(32) };
    const { exit, stderr } = await runMain(['apply', FILE], { env });
    expect(stderr).toContain('was sealed with another key than the one here');
    expect(exit).toBe(5);
  });

  it('a plan of another version of this program is stale', async () => {
    await save({ program: '0.0.9' });
    const { exit, stderr } = await run('apply', FILE);
    expect(stderr).toContain('was made by run-playbook 0.0.9, and this is');
    expect(exit).toBe(7);
  });

  it('a plan for other hosts is stale, and none is asked', async () => {
    await save();
    const { exit, stdout, stderr } = await run('apply', FILE, '--json');
    expect(stderr).toContain('dead1  connection: is not in the plan');
    expect(stderr).toContain('playbook nothing: its roles, checks or limits');
    expect(exit).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({ exit: 7, playbook: 'nothing', hosts: {} });
  });
});
