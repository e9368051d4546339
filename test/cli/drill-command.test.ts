import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DrillDocument } from '../../src/report/drill-document.ts';
import { runMain, type WorldOptions } from './in-process.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
let inventory: string;

/** Nothing listens on the hosts of this inventory. */
function drill(words: string, options: Partial<WorldOptions> = {}) {
  const env = { LANG: 'C.UTF-8', HOME: folder, ...options.env };
  return runMain(['drill', ...words.split(' '), '-i', inventory], { cwd: REPOSITORY, ...options, env });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drill-command-'));
  inventory = join(folder, 'hosts.yml');
  await writeFile(
    inventory,
    `web:
  hosts:
    dead1: { ansible_host: 127.0.0.1, ansible_port: 1 }
    dead2: { ansible_host: 127.0.0.2, ansible_port: 1 }
  vars:
    ansible_user: root
    ansible_ssh_private_key_file: ${join(folder, 'key')}
    ansible_timeout: 2
    keepalived: { vips: [{ address: 127.0.0.9 }] }
`,
  );
});

afterAll(() => rm(folder, { recursive: true }));

describe('run-playbook drill', () => {
  it('lists what can be done, and asks no host', async () => {
    const { exit, stdout, stderr } = await drill('phase2 --list');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toMatch(/^fault +limit +what happens\nstop-nginx +0 lost +nginx is stopped/);
    expect(stdout).toMatch(/^power-loss .* - not here: only the built-in lab can do this to its hosts$/m);
  });

  it('wants --yes where nobody is there to be asked, before any host is asked', async () => {
    const { exit, stdout, stderr } = await drill('phase1');

    expect({ exit, stdout }).toEqual({ exit: 5, stdout: '' });
    expect(stderr).toBe(
      'a drill breaks the hosts on purpose, and nobody is there to be asked\n  do    add --yes if that is wanted\n',
    );
  });

  it('wants it in CI, too', async () => {
    expect((await drill('phase1', { typed: '', env: { CI: 'true' } })).exit).toBe(5);
  });

  it('ends where a host does not answer, with a document', async () => {
    const { exit, stdout } = await drill('phase1 --yes --json');

    expect(exit).toBe(4);
    const document = JSON.parse(stdout) as DrillDocument;
    expect(document).toMatchObject({ version: 1, kind: 'drill', playbook: 'phase1', exit: 4, rows: [] });
    expect(document.errors).toHaveLength(1);
  });

  it.each([
    ['--only stop-haproxi', '--only stop-haproxi: there is no such fault here'],
    ['--only freeze', '--only freeze: only the built-in lab can do this to its hosts'],
    ['-e drill.rate=0', 'drill.rate: should be requests per second (1-1000)'],
    ['-e drill.limits.stop-haproxi.lost=1', 'drill.limits.stop-haproxi'],
  ])('refuses %s', async (words, what) => {
    const { exit, stderr } = await drill(`phase2 --yes ${words}`);

    expect(exit).toBe(5);
    expect(stderr).toContain(what);
  });
});
