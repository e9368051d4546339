import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DriftCommand } from '../../src/cli/command.ts';
import { tellDrift } from '../../src/cli/drift-outputs.ts';
import { parse } from '../../src/cli/parse.ts';
import { Secret } from '../../src/core/secret.ts';
import type { DriftDocument } from '../../src/report/drift-document.ts';
import { drifted, inSync, long } from '../report/drift-recordings.ts';
import { violations } from '../report/json-schema.ts';
import { fakeWorld, runMain } from './in-process.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

let home: string;
/** Where reports of one test go. */
let folder: string;
let inventory: string;
let count = 0;

/** Nothing listens on the hosts of this inventory. */
function drift(words: string, env: NodeJS.ProcessEnv = {}) {
  const args = ['drift', ...words.split(' '), '-i', inventory];
  return runMain(args, { cwd: REPOSITORY, env: { LANG: 'C.UTF-8', HOME: home, ...env } });
}

/** Tells a recorded check as a command line asks for it. */
async function tell(words: string, { report } = drifted(), env: NodeJS.ProcessEnv = {}) {
  const { world, stdout, stderr } = fakeWorld({ cwd: folder, env: { LANG: 'C.UTF-8', ...env } });
  const command = parse(['drift', ...words.split(' ').filter(Boolean)]) as DriftCommand;
  const exit = await tellDrift(report, { command, secrets: [new Secret('swordfish')] }, world);
  return { exit, stdout: stdout.text, stderr: stderr.text };
}

const read = (name: string) => readFile(join(folder, name), 'utf8');

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'drift-command-'));
  inventory = join(home, 'hosts.yml');
  await writeFile(
    inventory,
    `web:
  hosts:
    dead1: { ansible_host: 127.0.0.1, ansible_port: 1 }
    dead2: { ansible_host: 127.0.0.2, ansible_port: 1 }
  vars:
    ansible_user: root
    ansible_ssh_private_key_file: ${join(home, 'key')}
    ansible_timeout: 2
    keepalived: { vips: [{ address: 127.0.0.9 }] }
`,
  );
});

beforeEach(async () => {
  folder = join(home, String(++count));
  await mkdir(folder);
});

afterAll(() => rm(home, { recursive: true }));

describe('drift of hosts that do not answer', () => {
  it('names them and says what to do', { timeout: 60_000 }, async () => {
    const { stdout } = await drift('phase1');

    expect(stdout).toMatch(/^✗ dead1 {2}unreachable\n✗ dead2 {2}unreachable\n/m);
    expect(stdout).toContain('Make dead1, dead2 reachable, then check again:');
    expect(stdout).toContain(`run-playbook drift phase1 -i ${inventory}`);
  });

  it('is a document as its schema says', { timeout: 60_000 }, async () => {
    const { exit, stdout } = await drift('phase1 --json');
    const schema = JSON.parse(await readFile(join(REPOSITORY, 'docs/drift.schema.json'), 'utf8')) as object;

    const document = JSON.parse(stdout) as DriftDocument;
    expect(document).toMatchObject({ exit, errors: [{ host: 'dead1' }, { host: 'dead2' }] });
    expect(violations(document, schema as Record<string, unknown>)).toEqual([]);
  });
});

describe('a check that could not be made', () => {
  it('is told in every form, so that nobody takes an older report for it', async () => {
    const files = ['junit.xml', 'page.html', 'page.md'].map((name) => join(folder, name));
    await Promise.all(files.map((file) => writeFile(file, 'in sync')));
    const { exit, stdout, stderr } = await drift(
      `phase9 --json --junit ${files[0]} --html ${files[1]} --markdown ${files[2]}`,
    );

    expect(exit).toBe(5);
    expect(stderr).toContain('phase9');
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'drift', version: 1, exit: 5, hosts: [], findings: [] });
    expect(await read('junit.xml')).toContain('errors="1"');
    expect(await read('page.html')).toContain('not checked');
    expect(await read('page.md')).toContain('**not checked**');
  });
});

describe('reports in files', () => {
  it('are written beside what is printed, in folders that are made', async () => {
    const { exit, stdout, stderr } = await tell(
      '-D --junit a/b/junit.xml --html page.html --markdown page.md',
    );

    expect([exit, stderr]).toEqual([2, '']);
    expect(stdout).toContain('phase1: drifted, 4 drift, 1 pending, 1 notice on svr1, svr2');
    expect(await read('a/b/junit.xml')).toMatch(/^<\?xml /);
    expect(await read('page.html')).toMatch(/^<!doctype html>/);
    expect(await read('page.md')).toMatch(/^## Drift of phase1: drifted\n/);
    expect(stdout + (await read('page.html')) + (await read('page.md'))).not.toContain('swordfish');
    expect(await readdir(folder)).toEqual(['a', 'page.html', 'page.md']);
  });

  it('replace the former one whole, keep its mode, and leave a link a link', async () => {
    await writeFile(join(folder, 'real.html'), 'older');
    await chmod(join(folder, 'real.html'), 0o640);
    await symlink('real.html', join(folder, 'page.html'));
    const before = await stat(join(folder, 'real.html'));
    await tell('-q --html page.html');

    const after = await stat(join(folder, 'real.html'));
    expect(await read('real.html')).toMatch(/^<!doctype html>/);
    expect([after.mode, after.ino === before.ino]).toEqual([before.mode, false]);
    expect(await readdir(folder)).toEqual(['page.html', 'real.html']);
  });

  it('that are none, such as /dev/null, stay what they are', async () => {
    const before = await stat('/dev/null');
    await tell('-q --html /dev/null');

    expect((await stat('/dev/null')).rdev).toBe(before.rdev);
  });

  it('that cannot be written are told, and hide nothing', async () => {
    await writeFile(join(folder, 'file'), '');
    await mkdir(join(folder, 'taken.html'));
    const { exit, stdout, stderr } = await tell(
      '--junit file/junit.xml --html taken.html --markdown page.md',
    );

    expect(exit).toBe(2);
    expect(stdout).toContain('phase1: drifted');
    expect(stderr).toMatch(/^file\/junit.xml could not be written\n {2}why {3}EEXIST/m);
    expect(stderr).toMatch(/^taken.html could not be written\n {2}why {3}EISDIR/m);
    expect(await read('page.md')).toMatch(/^## Drift/);
  });

  it('that cannot be written are a failure when there is no other', async () => {
    await writeFile(join(folder, 'file'), '');

    expect((await tell('-q --junit file/junit.xml', inSync())).exit).toBe(1);
    expect((await tell('-q --junit junit.xml', inSync())).exit).toBe(0);
  });
});

it('what the command goes on to do itself is no advice', async () => {
  expect((await tell('')).stdout).toContain('To put back what drifted');
  expect((await tell('--fix')).stdout).not.toContain('To put back what drifted');
});

describe('--markdown without a file', () => {
  it('is printed instead of the text', async () => {
    const { stdout } = await tell('--markdown');

    expect(stdout).toMatch(/^## Drift of phase1: drifted\n/);
    expect(stdout).not.toContain('To put back what drifted');
  });

  it('is added to the summary of a GitHub job, and the text is printed', async () => {
    const summary = join(folder, 'summary.md');
    await writeFile(summary, 'of another step\n');
    const { stdout } = await tell('--markdown', drifted(), { GITHUB_STEP_SUMMARY: summary });

    expect(stdout).toContain('To put back what drifted');
    expect(await read('summary.md')).toMatch(/^of another step\n## Drift of phase1: drifted\n/);
  });

  it('leaves diffs out of a summary that GitHub would refuse', async () => {
    const summary = join(folder, 'summary.md');
    const { report } = long();
    const findings = report.findings.map((finding) => ({
      ...finding,
      diff: { path: 'x', before: 'a\n'.repeat(150), after: `${'long '.repeat(4000)}\n`.repeat(150) },
    }));
    await tell('-D --markdown', { report: { ...report, findings } }, { GITHUB_STEP_SUMMARY: summary });

    const page = await read('summary.md');
    expect(page.length).toBeLessThan(100_000);
    expect(page).toContain('/etc/large');
  });

  it.each([
    ['--json', 'would both go to stdout'],
    ['-q', 'no place for --markdown'],
  ])('is refused together with %s', async (option, what) => {
    const { exit, stderr } = await drift(`phase1 ${option} --markdown`);

    expect(exit).toBe(5);
    expect(stderr).toContain(what);
    expect(stderr).toContain('name a file: --markdown FILE');
  });
});
