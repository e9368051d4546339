import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { bindVars } from '../../src/load/bind-vars.ts';
import { loadInventory } from '../../src/load/inventory.ts';
import { freshCompiled } from '../../src/load/module.ts';
import { listPlaybooks, listRoles, loadPlaybook } from '../../src/load/playbook.ts';
import { packageDir } from '../../src/load/project.ts';
import { selectHosts } from '../../src/load/select-hosts.ts';
import { goldenCases } from './golden.ts';
import { printed, project } from './project.ts';

beforeEach(async () => {
  vi.stubEnv('XDG_CACHE_HOME', await project({}));
});

const WEB = `
import { playbook, Secret, v } from 'run-playbook';
import { sites } from './sites.ts';

interface Extra { readonly secret: typeof Secret }
const extra: Extra = { secret: Secret };

const site = {
  name: 'site',
  description: 'one site',
  vars: v.strictObject({ sites: v.optional(v.array(v.string()), sites) }),
  resources: () => [],
};

export default playbook({ name: 'web', description: 'mine', hosts: 'web', roles: [site], vars: { extra } });
`;
const SITES = `export const sites: readonly string[] = ['a'];\n`;

test('a playbook in TypeScript gets this very program as run-playbook', async () => {
  const dir = await project({ 'playbooks/web.ts': WEB, 'playbooks/sites.ts': SITES });
  const playbook = await loadPlaybook('web', dir, dir);
  expect(playbook).toMatchObject({ name: 'web', hosts: 'web', serial: 1, maxFail: 0 });
  expect(playbook.vars?.['extra']).toEqual({ secret: Secret });
});

test('a playbook is also found by its path, relative to the current folder', async () => {
  const dir = await project({ 'deploy/web.ts': WEB, 'deploy/sites.ts': SITES });
  const playbook = await loadPlaybook('./web.ts', dir, join(dir, 'deploy'));
  expect(playbook.description).toBe('mine');
});

test('a project without playbooks has the shipped ones, its own go first', async () => {
  const dir = await project({
    'playbooks/phase1.ts': 'export default {};\n',
    'playbooks/types.d.ts': '',
    'playbooks/README.md': '',
  });
  const own = listPlaybooks(dir).filter(({ file }) => file.startsWith(dir));
  expect(own).toEqual([{ name: 'phase1', file: join(dir, 'playbooks/phase1.ts') }]);
  expect(listPlaybooks(dir).filter(({ name }) => name === 'phase1')).toHaveLength(1);
});

test('roles of the project are known besides the shipped ones', async () => {
  const dir = await project({ 'roles/mail-relay/index.ts': '', 'roles/README.md': '' });
  expect(listRoles(dir)).toContain('mail_relay');
  expect(listRoles(dir)).not.toContain('README.md');
});

test('the shipped phase1 accepts the shipped inventory and the production example', async () => {
  const playbook = await loadPlaybook('phase1', packageDir);
  for (const file of ['inventory/hosts.yml', 'inventory/production.example.yml']) {
    const inventory = await loadInventory(join(packageDir, file), { cwd: packageDir, env: {} });
    const hostNames = selectHosts(inventory, playbook.hosts);
    const hosts = bindVars(playbook, inventory, { hostNames, otherRoles: listRoles(packageDir) });
    expect(hosts.map(({ name }) => name)).toEqual(['svr1', 'svr2']);
  }
});

test('an unknown playbook is suggested', async () => {
  const dir = await project({ 'playbooks/website.ts': '' });
  expect(await printed(() => loadPlaybook('webstie', dir, dir))).toMatchInlineSnapshot(`
    "there is no playbook webstie
      do    did you mean website?"
  `);
  expect(await printed(() => loadPlaybook('./lost.ts', dir, dir))).toMatchInlineSnapshot(
    `"there is no playbook file lost.ts"`,
  );
});

test.for(goldenCases('playbook-errors.txt'))('$name', async (golden) => {
  const dir = await project({
    'playbooks/web.ts': golden.given,
    'playbooks/broken.ts': 'export const a = ;\n',
  });
  expect(await printed(() => loadPlaybook('web', dir, dir))).toBe(golden.printed);
});

/** A package with a compiled playbook; ages are in seconds, older is larger. */
async function built(ages: Readonly<Record<string, number>>): Promise<string> {
  const dir = await project({ 'package.json': '{}' });
  for (const [name, age] of Object.entries(ages)) {
    const file = join(dir, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '');
    const time = new Date(Date.UTC(2020, 0, 1) - age * 1000);
    await utimes(file, time, time);
  }
  return dir;
}

test.for<readonly [string, Readonly<Record<string, number>>, boolean]>([
  ['newer than its source', { 'playbooks/a.ts': 9, 'dist/playbooks/a.js': 1 }, true],
  ['as old as its source, as npm unpacks', { 'playbooks/a.ts': 1, 'dist/playbooks/a.js': 1 }, true],
  ['older than its source', { 'playbooks/a.ts': 1, 'dist/playbooks/a.js': 9 }, false],
  ['missing', { 'playbooks/a.ts': 1 }, false],
  [
    'newer than a role',
    { 'playbooks/a.ts': 9, 'dist/playbooks/a.js': 5, 'roles/r/index.ts': 9, 'dist/roles/r/index.js': 5 },
    true,
  ],
  [
    'older than a role',
    { 'playbooks/a.ts': 9, 'dist/playbooks/a.js': 5, 'roles/r/index.ts': 1, 'dist/roles/r/index.js': 5 },
    false,
  ],
  [
    'older than a template',
    { 'playbooks/a.ts': 9, 'dist/playbooks/a.js': 5, 'roles/r/t.ejs': 1, 'dist/roles/r/t.ejs': 5 },
    false,
  ],
])('a compiled playbook %s', async ([, ages, fresh]) => {
  const dir = await built(ages);
  const expected = fresh ? join(dir, 'dist/playbooks/a.js') : undefined;
  expect(freshCompiled(join(dir, 'playbooks/a.ts'))).toBe(expected);
});
