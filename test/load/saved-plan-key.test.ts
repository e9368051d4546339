import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { existingPlanKey, planKey } from '../../src/load/saved-plan-key.ts';
import { printed, project } from './project.ts';

const GIVEN = '0123456789abcdef0123456789abcdef';

async function place(files: Readonly<Record<string, string>> = {}, env: NodeJS.ProcessEnv = {}) {
  const projectDir = await project(files);
  return { projectDir, env, file: join(projectDir, 'state/run-playbook/plan-key') };
}

test('the first plan makes the key, for this user only, and every later one uses it', async () => {
  const where = await place();
  expect(await printed(() => existingPlanKey(where))).toContain('there is no key for saved plans here');
  const made = await planKey(where);
  expect((await stat(where.file)).mode & 0o777).toBe(0o600);
  expect(await readFile(where.file, 'utf8')).toBe(`${made.secret.reveal()}\n`);
  expect(made.secret.reveal()).toMatch(/^[0-9a-f]{64}$/);
  const [again, existing] = [await planKey(where), await existingPlanKey(where)];
  expect([again.id, existing.id]).toEqual([made.id, made.id]);
  expect([again.digest('x'), existing.seal('x')]).toEqual([made.digest('x'), made.seal('x')]);
});

test('plans made at the same time agree on one key, and leave no drafts', async () => {
  const where = await place();
  const keys = await Promise.all(Array.from({ length: 30 }, () => planKey(where)));
  expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
  expect(await readdir(join(where.file, '..'))).toEqual(['plan-key']);
});

test('digests, seals and names have nothing in common, and other keys give others', async () => {
  const where = await place();
  const other = await planKey(await place());
  const key = await planKey(where);
  const texts = [key, other].flatMap(({ id, digest, seal }) => [id, digest(''), seal(''), digest('a')]);
  expect(new Set(texts.map((text) => text.slice(0, 16))).size).toBe(texts.length);
});

test.each([
  ['the environment', {}, { RUN_PLAYBOOK_PLAN_KEY: GIVEN }],
  ['.env', { '.env': `RUN_PLAYBOOK_PLAN_KEY=${GIVEN}\n` }, {}],
])('a key in %s goes before the one in the file, and makes none', async (_, files, env) => {
  const where = await place(files, env);
  const key = await planKey(where);
  expect([key.secret.reveal(), String(key.secret)]).toEqual([GIVEN, '[secret]']);
  expect((await existingPlanKey(where)).id).toBe(key.id);
  await expect(stat(where.file)).rejects.toThrow('ENOENT');
});

test('a key that could be guessed is refused, without showing it', async () => {
  const error = await printed(async () => planKey(await place({}, { RUN_PLAYBOOK_PLAN_KEY: 'hunter2' })));
  expect(error).toBe(
    'RUN_PLAYBOOK_PLAN_KEY is shorter than 32 characters\n  do    make one: openssl rand -hex 32',
  );
});

test('a key that others can read is refused', async () => {
  const where = await place();
  await planKey(where);
  await chmod(where.file, 0o640);
  expect(await printed(() => planKey(where))).toContain('is open to other users (mode 0640)');
});

test('a key file with something else in it is refused', async () => {
  const where = await place();
  await planKey(where);
  await writeFile(where.file, '');
  expect(await printed(() => planKey(where))).toContain('is no key');
});

test('a state folder that cannot be is told', async () => {
  const where = await place({ state: 'a file' });
  expect(await printed(() => planKey(where))).toContain('cannot be used');
});
