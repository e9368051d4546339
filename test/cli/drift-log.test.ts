import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scheduleFile } from '../../src/cli/check-schedule.ts';
import { keepCheck, readChecks } from '../../src/cli/drift-log.ts';
import { inventoryOf } from '../../src/cli/run-command.ts';
import { scopeOf } from '../../src/cli/scope.ts';
import type { DriftReport } from '../../src/core/drift.ts';
import type { Scope } from '../../src/core/drift-record.ts';
import { mask, Secret } from '../../src/core/secret.ts';
import { at, finding, report } from '../core/drift-reports.ts';
import { fakeWorld, PROJECT, runMain } from './in-process.ts';

const SCOPE: Scope = { project: '/srv/web', inventory: '/srv/web/hosts.yml' };
const SECRET = new Secret('hunter2');
const CONF = finding('/etc/nginx/nginx.conf');
const masked = (text: string) => mask(text, [SECRET]);

let state: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'rp-drift-log-'));
  env = { LANG: 'C.UTF-8', XDG_STATE_HOME: state };
});

afterEach(() => rmSync(state, { recursive: true }));

const folder = () => join(state, 'run-playbook', 'drift');
const keep = (more: Partial<DriftReport>, scope = SCOPE) => keepCheck(report(more), scope, { masked, env });
const idsIn = async (scope = SCOPE, number?: number) =>
  (await readChecks(scope, env, number)).checks.map((check) => check.report.id);

describe('the record of drift checks', () => {
  it('is read by project, inventory and lab', async () => {
    await keep({ id: 'a' });
    await keep({ id: 'b' }, { ...SCOPE, inventory: '/srv/web/other.yml' });
    await keep({ id: 'c' }, { ...SCOPE, lab: 'demo' });
    await keep({ id: 'd' }, { ...SCOPE, project: '/srv/shop' });
    expect(await idsIn()).toEqual(['a']);
    expect(await idsIn({ ...SCOPE, lab: 'demo' })).toEqual(['c']);
  });

  it('is in the order in which checks began, whichever ended first', async () => {
    await keep({ id: 'late', at: at('03:15') });
    await keep({ id: 'early', at: at('03:00') });
    expect(await idsIn()).toEqual(['early', 'late']);
  });

  it('has no secret and is for this user only', async () => {
    await keep({ findings: [{ ...CONF, found: 'password hunter2' }] });
    const [name = ''] = readdirSync(folder());
    expect(readFileSync(join(folder(), name), 'utf8')).not.toContain('hunter2');
    expect(statSync(join(folder(), name)).mode & 0o777).toBe(0o600);
  });

  it('tells with each check what earlier ones of the same playbook saw', async () => {
    await keep({ id: 'a', at: at('03:00'), findings: [CONF] });
    await keep({ id: 'b', at: at('03:05'), playbook: 'phase2' });
    const { spans, checks } = await keep({ id: 'c', at: at('03:15'), findings: [CONF] });
    expect(spans).toEqual([
      { id: CONF.id, firstSeen: at('03:00'), lastSeen: at('03:15'), openForMs: 900_000, isOpen: true },
    ]);
    expect(checks.map(({ id }) => id)).toEqual(['a', 'c']);
    expect((await readChecks(SCOPE, env)).checks.at(-1)?.since).toEqual({ [CONF.id]: at('03:00') });
  });

  it.each([
    ['cut off', '{"v":1,"project":"/srv/web"'],
    ['of a newer program', JSON.stringify({ v: 2, ...SCOPE, report: report() })],
    ['of a newer report', JSON.stringify({ v: 1, ...SCOPE, report: { ...report(), version: 2 } })],
    ['of something else', '"text"'],
  ])('counts a line %s, and reads the others', async (_, line) => {
    await keep({ id: 'a' });
    const [name = ''] = readdirSync(folder());
    appendFileSync(join(folder(), name), line);
    await keep({ id: 'b' });
    const { unread } = await readChecks(SCOPE, env);
    expect([await idsIn(), unread]).toEqual([['a', 'b'], 1]);
  });
});

/** The inventory of the project that commands are tried in. */
const inventory = () => inventoryOf({ inventory: undefined, extraVars: [] }, fakeWorld({ env }).world);

async function keepHere(more: Partial<DriftReport>): Promise<void> {
  await keep(more, scopeOf(await inventory(), { cwd: PROJECT }));
}

async function schedule(more: object = {}): Promise<void> {
  const file = scheduleFile(await inventory(), { cwd: PROJECT, env });
  mkdirSync(join(file, '..'), { recursive: true });
  const kept = { version: 1, on: 'cron', every: 900, args: ['drift'], installedAt: at('01:00') };
  writeFileSync(file, JSON.stringify({ ...kept, ...more }));
}

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

/** What `status` says of drift checks. */
async function checksTold(): Promise<readonly string[]> {
  const { stdout } = await runMain(['status'], { env });
  return stdout.split('\n').filter((line) => /drift check/.test(line));
}

describe('drift history', () => {
  it('is empty at first', async () => {
    expect(await runMain(['drift', 'history'], { env })).toEqual({
      exit: 0,
      stdout: 'no drift check of these hosts is written down yet\n',
      stderr: '',
    });
  });

  it('is a table of checks, the last one first', async () => {
    await keepHere({ id: 'aaaaaaaaaaaa', at: at('03:00') });
    await keepHere({
      id: 'bbbbbbbbbbbb',
      at: at('03:15'),
      findings: [CONF, finding('x', { severity: 'pending' })],
      hosts: [
        { host: 'svr1', status: 'drifted' },
        { host: 'svr2', status: 'suppressed' },
      ],
    });
    const { exit, stdout } = await runMain(['drift', 'history'], { env });
    expect([exit, stdout.replace(/, \d+ d.* ago/, ', … ago')]).toEqual([
      0,
      [
        'when (UTC)           check         playbook  result   took   findings',
        '2026-01-31 03:15:00  bbbbbbbbbbbb  phase1    drifted  0.9 s  1 drift, 1 pending; svr2 suppressed',
        '2026-01-31 03:00:00  aaaaaaaaaaaa  phase1    in sync  0.9 s  -',
        '',
        '✗ drift check  phase1 drifted: 1 drift, 1 pending, … ago; run-playbook drift show bbbbbbbbbbbb',
        '',
      ].join('\n'),
    ]);
  });

  it('is cut at -n, and a document with --json', async () => {
    for (const [index, time] of ['03:00', '03:15', '03:30'].entries()) {
      await keepHere({ id: `${index}`.repeat(12), at: at(time) });
    }
    const { checks, standing } = JSON.parse(
      (await runMain(['drift', 'history', '-n', '2', '--json'], { env })).stdout,
    );
    expect(checks).toMatchObject([{ id: '222222222222' }, { id: '111111111111' }]);
    expect(checks[0]).toMatchObject({
      exit: 0,
      hosts: { svr1: 'in-sync', svr2: 'in-sync' },
      findings: { degraded: 0, drift: 0, pending: 0, notice: 0 },
      ignored: 0,
    });
    expect(standing).toMatchObject({ last: { id: '222222222222' }, isOverdue: false });
  });

  it('refuses options that stand before it', async () => {
    const { exit, stderr } = await runMain(['drift', '-q', 'history'], { env });
    expect([exit, stderr.split('\n')[0]]).toEqual([5, 'drift: --quiet stands before history']);
  });
});

describe('drift show', () => {
  beforeEach(async () => {
    const diff = { path: CONF.item, before: 'a\n', after: 'b\n' };
    await keepHere({ id: 'aaaaaaaaaaaa', at: at('03:00'), findings: [{ ...CONF, diff }] });
    await keepHere({ id: 'bbbbbbbbbbbb', at: at('03:15'), findings: [{ ...CONF, diff }] });
  });

  it('tells a check as it was told then, and since when its findings are there', async () => {
    const { exit, stdout } = await runMain(['drift', 'show', 'bb'], { env });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^check bbbbbbbbbbbb of 2026-01-31 03:15:00 UTC\n/);
    expect(stdout).toContain('/etc/nginx/nginx.conf');
    expect(stdout).toContain('2026-01-31 03:00:00 UTC, for 15 min');
    expect(stdout).toMatch(/^ +-a$/m);
    expect(stdout).toMatch(new RegExp(`^${CONF.id}  svr1 /etc/nginx/nginx.conf$`, 'm'));
  });

  it('has the document of the check', async () => {
    const { stdout } = await runMain(['drift', 'show', 'bb', '--json'], { env });
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'drift',
      id: 'bbbbbbbbbbbb',
      exit: 2,
      findings: [{ id: CONF.id, diff: { unified: expect.stringContaining('-a') } }],
      history: [{ id: CONF.id, firstSeen: at('03:00') }],
    });
  });

  it('tells when a finding was there', async () => {
    const { exit, stdout } = await runMain(['drift', 'show', CONF.id], { env });
    expect([exit, stdout]).toEqual([
      0,
      [
        'svr1  /etc/nginx/nginx.conf  (drift, file)',
        '  found     content changed',
        '  expected  content as declared',
        `  finding   ${CONF.id}`,
        '  last in   check bbbbbbbbbbbb, 2026-01-31 03:15:00 UTC, phase1',
        '',
        'first seen (UTC)     last seen (UTC)      for     ',
        '2026-01-31 03:00:00  2026-01-31 03:15:00  15 min  open',
        '',
      ]
        .map((line) => line.trimEnd())
        .join('\n'),
    ]);
    const json = await runMain(['drift', 'show', CONF.id, '--json'], { env });
    expect(JSON.parse(json.stdout)).toMatchObject({
      version: 1,
      kind: 'drift-finding',
      finding: { id: CONF.id },
      spans: [{ openForMs: 900_000, isOpen: true }],
    });
  });

  it('of what is not there is refused, with --json in a document too', async () => {
    const { exit, stdout, stderr } = await runMain(['drift', 'show', 'cc', '--json'], { env });
    expect(exit).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ exit: 5, errors: [{ what: expect.stringContaining('cc') }] });
    expect(stderr).toMatch(/^no check and no finding of these hosts has the id cc\n/);
  });
});

describe('a drift check', { timeout: 20_000 }, () => {
  it('is kept, and leaves metrics for everybody to read', async () => {
    const file = join(state, 'drift.prom');
    const before = process.umask(0o077);
    const { exit } = await runMain(['drift', 'nothing', '--metrics', file], { env });
    process.umask(before);
    expect(exit).toBe(4);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readdirSync(state).toSorted()).toEqual(['drift.prom', 'run-playbook']);
    expect(readFileSync(file, 'utf8')).toMatch(/^run_playbook_drift_host_unreachable\{.*host="dead1"\} 1$/m);
    const { checks } = JSON.parse((await runMain(['drift', 'history', '--json'], { env })).stdout);
    expect(checks).toMatchObject([{ playbook: 'nothing', exit: 4, hosts: { dead1: 'unreachable' } }]);
  });

  it('tells its result where nothing can be kept, and that', async () => {
    mkdirSync(join(state, 'run-playbook'));
    writeFileSync(folder(), 'a file in its place');
    const missing = join(folder(), 'drift.prom');
    const { exit, stdout, stderr } = await runMain(['drift', 'nothing', '--metrics', missing], { env });
    expect([exit, stdout]).toEqual([4, expect.stringContaining('dead1')]);
    expect(stderr).toMatch(/^this check could not be kept\n {2}why .*ENOTDIR|EEXIST/m);
    expect(stderr).toContain(`${missing} could not be written`);
  });
});

describe('the metrics file', { timeout: 20_000 }, () => {
  let file: string;
  let check: () => Promise<unknown>;

  beforeEach(() => {
    file = join(state, 'drift.prom');
    check = () => runMain(['drift', 'nothing', '-q', '--metrics', file], { env });
  });

  it('is replaced as a whole, whatever its mode was', async () => {
    writeFileSync(file, 'before', { mode: 0o600 });
    await check();
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^run_playbook_drift_exit_code\{.*\} 4$/m);
    expect(text).not.toContain('before');
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });

  it('tells how often a check is to come', async () => {
    await schedule({ every: 3600 });
    await check();
    expect(readFileSync(file, 'utf8')).toMatch(/^run_playbook_drift_check_interval_seconds\{.*\} 3600$/m);
    await schedule({ on: 'github' });
    await check();
    expect(readFileSync(file, 'utf8')).not.toContain('interval');
  });

  it('stays as it was when no check could be made: its age tells', async () => {
    await check();
    const before = readFileSync(file, 'utf8');
    const { exit } = await runMain(['drift', 'no-such-playbook', '-q', '--metrics', file], { env });
    expect([exit, readFileSync(file, 'utf8')]).toEqual([5, before]);
  });
});

describe('the status', { timeout: 20_000 }, () => {
  it('tells how the last check ended, and when', async () => {
    expect(await checksTold()).toEqual(['· drift check  none yet']);
    await keepHere({ at: minutesAgo(250) });
    expect(await checksTold()).toEqual(['✓ drift check  phase1 in sync, 4 h 10 min ago']);
    await keepHere({ at: minutesAgo(120), findings: [CONF] });
    expect(await checksTold()).toEqual([
      '✗ drift check  phase1 drifted: 1 drift, 2 h ago; run-playbook drift show dbef5436da7c',
      expect.stringMatching(/^no host: .*, but the last drift check found drift$/),
    ]);
    const { driftChecks } = JSON.parse((await runMain(['status', '--json'], { env })).stdout);
    expect(driftChecks).toMatchObject({ last: { exit: 2, findings: { drift: 1 } }, isOverdue: false });
  });

  it('warns of checks that no longer come', async () => {
    await schedule({ every: 7200 });
    await keepHere({ at: minutesAgo(200) });
    expect(await checksTold()).toEqual(['✓ drift check  phase1 in sync, 3 h 20 min ago']);
    await schedule({ every: 900 });
    expect(await checksTold()).toEqual([
      '✓ drift check  phase1 in sync, 3 h 20 min ago',
      'no drift check since: one is due every 15 min; run-playbook schedule status tells more',
      expect.stringMatching(/^no host: .*, but a drift check is missing$/),
    ]);
    const { driftChecks } = JSON.parse((await runMain(['status', '--json'], { env })).stdout);
    expect(driftChecks).toMatchObject({ everyMs: 900_000, isOverdue: true });
  });

  it('is told without them where they cannot be read', async () => {
    mkdirSync(join(state, 'run-playbook'));
    writeFileSync(folder(), 'a file in its place');
    expect(await checksTold()).toEqual([expect.stringMatching(/^drift checks cannot be read: ENOTDIR/)]);
  });
});
