import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultInventory, findProject, packageDir } from '../../src/load/project.ts';
import { project } from './project.ts';

test('the project is the nearest folder upwards with an inventory or playbooks', async () => {
  const dir = await project({
    'inventory/hosts.yml': '',
    'docs/deep/page.md': '',
    'app/playbooks/web.ts': '',
  });
  expect(findProject(join(dir, 'docs/deep'))).toBe(dir);
  expect(findProject(join(dir, 'app'))).toBe(join(dir, 'app'));
  expect(findProject(dir)).toBe(dir);
});

test('without either the current folder is the project', async () => {
  const dir = await project({ 'docs/page.md': '' });
  expect(findProject(join(dir, 'docs'))).toBe(join(dir, 'docs'));
});

test('the default inventory is the project’s own, else the shipped lab', async () => {
  const own = await project({ 'inventory/hosts.yml': '' });
  const none = await project({});
  expect(await defaultInventory(own)).toBe(join(own, 'inventory/hosts.yml'));
  expect(await defaultInventory(none)).toBe(join(packageDir, 'inventory/hosts.yml'));
});

test('the package is found', () => {
  expect(existsSync(join(packageDir, 'package.json'))).toBe(true);
});
