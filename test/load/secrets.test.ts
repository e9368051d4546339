import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { loadInventory } from '../../src/load/inventory.ts';
import { printed, project } from './project.ts';

const FILE = 'inventory/hosts.yml';

/** The variables of svr1, which has the given ones. */
async function svr1(vars: string, env: NodeJS.ProcessEnv = {}) {
  const cwd = await project({
    [FILE]: `all:\n  hosts:\n    svr1:\n      app: ${vars}\n`,
    '.env': 'DB_PASSWORD="hunter2"\nUSER_NAME=app\n',
  });
  const inventory = await loadInventory(FILE, { cwd, env });
  return { app: inventory.hosts.get('svr1')?.vars.values['app'], inventory };
}

test('${NAME} is a Secret from .env that prints as [secret]', async () => {
  const { app, inventory } = await svr1('"${DB_PASSWORD}"');
  expect(app).toBeInstanceOf(Secret);
  expect((app as Secret).reveal()).toBe('hunter2');
  expect(inspect(inventory, { depth: 20 }) + JSON.stringify(inventory)).not.toContain('hunter2');
});

test('a text with secrets in it is a Secret as a whole, and each part is masked too', async () => {
  const { app, inventory } = await svr1('"postgres://${USER_NAME}:${DB_PASSWORD}@db"');
  expect((app as Secret).reveal()).toBe('postgres://app:hunter2@db');
  expect(inventory.secrets.map((secret) => secret.reveal())).toEqual([
    'app',
    'hunter2',
    'postgres://app:hunter2@db',
  ]);
});

test('.env goes before the environment, which is asked for what .env does not have', async () => {
  const { app } = await svr1('["${DB_PASSWORD}", "${TOKEN}"]', { DB_PASSWORD: 'other', TOKEN: 'token' });
  expect((app as Secret[]).map((secret) => secret.reveal())).toEqual(['hunter2', 'token']);
});

test('nothing of .env is put into process.env', async () => {
  await svr1('"${DB_PASSWORD}"');
  expect(process.env['DB_PASSWORD']).toBeUndefined();
});

test('$${NAME} and !unsafe are plain text', async () => {
  const { app } = await svr1('["$${DB_PASSWORD}", !unsafe "{{ x }} ${DB_PASSWORD}", "$host ${}"]');
  expect(app).toEqual(['${DB_PASSWORD}', '{{ x }} ${DB_PASSWORD}', '$host ${}']);
});

test('a secret can be a password, a port and an address', async () => {
  const cwd = await project({
    [FILE]: `all:
  hosts:
    svr1: {ansible_host: "\${ADDRESS}", ansible_port: "\${PORT}", ansible_become_password: "\${PASSWORD}"}
`,
    '.env': 'ADDRESS=192.0.2.11\nPORT=2222\nPASSWORD=hunter2\n',
  });
  const target = (await loadInventory(FILE, { cwd, env: {} })).hosts.get('svr1')?.target;
  expect([target?.address, target?.port, target?.become.password?.reveal()]).toEqual([
    '192.0.2.11',
    2222,
    'hunter2',
  ]);
});

test('an .env that others may read is refused', async () => {
  const cwd = await project({
    [FILE]: 'all:\n  hosts:\n    svr1: {ansible_password: "${PASSWORD}"}\n',
    '.env': 'PASSWORD=hunter2\n',
  });
  await chmod(join(cwd, '.env'), 0o640);
  const shown = await printed(() => loadInventory(FILE, { cwd, env: {} }));
  expect(shown.replaceAll(cwd, '/project')).toMatchInlineSnapshot(`
    ".env is open to other users (mode 0640)
      from  /project/.env
      do    chmod 600 /project/.env"
  `);
});

test('.env beside the project is found from a folder below', async () => {
  const dir = await project({
    [FILE]: 'all:\n  hosts:\n    svr1: {ansible_password: "${PASSWORD}"}\n',
    '.env': 'PASSWORD=hunter2\n',
    'playbooks/web.ts': '',
  });
  const inventory = await loadInventory('../inventory/hosts.yml', { cwd: join(dir, 'playbooks'), env: {} });
  expect(inventory.secrets.map((secret) => secret.reveal())).toEqual(['hunter2']);
});
