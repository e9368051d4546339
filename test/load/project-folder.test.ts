import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { InvalidInput } from '../../src/core/error.ts';
import { loadInventory } from '../../src/load/inventory.ts';
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

test('an inventory or .env that cannot be read is an error, and not taken for a missing one', async () => {
  const dir = await project({ 'inventory/group_vars/web.yml': '', 'ok.yml': 'web: { vars: { a: "${X}" } }' });
  const own = join(dir, 'inventory/hosts.yml');
  symlinkSync(own, own);
  expect(await defaultInventory(dir)).toBe(own);
  await expect(loadInventory(own)).rejects.toThrow(InvalidInput);
  symlinkSync(join(dir, '.env'), join(dir, '.env'));
  await expect(loadInventory(join(dir, 'ok.yml'), { projectDir: dir })).rejects.toThrow(
    '.env cannot be read',
  );
});

test('the package is found', () => {
  expect(existsSync(join(packageDir, 'package.json'))).toBe(true);
});
