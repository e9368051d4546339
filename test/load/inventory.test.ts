import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { labPaths } from '../../scripts/lab/paths.ts';
import type { Host, Inventory } from '../../src/core/inventory.ts';
import { loadInventory, type LoadOptions } from '../../src/load/inventory.ts';
import { packageDir } from '../../src/load/project.ts';
import { printed, project } from './project.ts';

const FILE = 'inventory/hosts.yml';

async function load(text: string, options: LoadOptions = {}): Promise<Inventory> {
  return loadFiles({ [FILE]: text }, options);
}

async function loadFiles(files: Readonly<Record<string, string>>, options: LoadOptions = {}) {
  const cwd = await project(files);
  return loadInventory(FILE, { cwd, env: {}, ...options });
}

function hostOf(inventory: Inventory, name = 'svr1'): Host {
  const host = inventory.hosts.get(name);
  expect(host, name).toBeDefined();
  return host as Host;
}

test('a host without variables has the defaults of ssh and Ansible', async () => {
  const inventory = await load('all:\n  hosts:\n    svr1:\n');
  expect(hostOf(inventory).target).toEqual({
    host: 'svr1',
    address: 'svr1',
    port: 22,
    user: userInfo().username,
    privateKeyFile: undefined,
    password: undefined,
    become: { enabled: false, user: 'root', password: undefined },
    knownHostsFiles: [join(homedir(), '.ssh/known_hosts'), '/etc/ssh/ssh_known_hosts'],
    connectTimeoutMs: 10_000,
  });
  expect(inventory.lab).toBeUndefined();
});

test('every connection variable of Ansible reaches the target', async () => {
  const cwd = await project({
    [FILE]: `
all:
  hosts:
    svr1:
      ansible_connection: ssh
      ansible_host: 192.0.2.11
      ansible_port: "2222"
      ansible_user: deploy
      ansible_ssh_private_key_file: keys/id_ed25519
      ansible_ssh_pass: login
      ansible_become: yes
      ansible_become_user: root
      ansible_become_method: sudo
      ansible_become_pass: sudo
      ansible_ssh_common_args: '-o UserKnownHostsFile="~/.ssh/cluster /etc/hosts_keys" -oControlMaster=auto'
      ansible_timeout: 3
      ansible_python_interpreter: /usr/bin/python3
`,
  });
  const inventory = await loadInventory(FILE, { cwd, env: {} });
  const { password, become, ...target } = hostOf(inventory).target;
  expect(target).toEqual({
    host: 'svr1',
    address: '192.0.2.11',
    port: 2222,
    user: 'deploy',
    privateKeyFile: join(cwd, 'keys/id_ed25519'),
    knownHostsFiles: [join(homedir(), '.ssh/cluster'), '/etc/hosts_keys'],
    connectTimeoutMs: 3000,
  });
  expect([password?.reveal(), become.password?.reveal(), become.enabled]).toEqual(['login', 'sudo', true]);
  expect(inventory.secrets.map((secret) => secret.reveal())).toEqual(['login', 'sudo']);
});

test('a key path with ~ is in the home folder', async () => {
  const inventory = await load('all:\n  hosts:\n    svr1: {ansible_ssh_private_key_file: ~/.ssh/cluster}\n');
  expect(hostOf(inventory).target.privateKeyFile).toBe(join(homedir(), '.ssh/cluster'));
});

test('connection variables are not role variables', async () => {
  const { connection, vars } = hostOf(
    await load('all:\n  hosts:\n    svr1: {ansible_user: deploy, nginx: {port: 80}}\n'),
  );
  expect(connection.values).toEqual({ ansible_user: 'deploy' });
  expect(vars.values).toEqual({ nginx: { port: 80 } });
});

test('top-level groups are below all, empty ones and nested ones too', async () => {
  const inventory = await load(`
web:
  children:
    front:
      hosts: {svr1: , svr2: }
    back:
      hosts: {svr3: }
db:
  hosts: {svr1: }
empty:
`);
  expect(Object.fromEntries(inventory.groups)).toEqual({
    all: ['svr1', 'svr2', 'svr3'],
    web: ['svr1', 'svr2', 'svr3'],
    front: ['svr1', 'svr2'],
    back: ['svr3'],
    db: ['svr1'],
    empty: [],
  });
  expect(hostOf(inventory).groups).toEqual(['all', 'db', 'web', 'front']);
});

test('precedence: all, parent, child, host, extra vars', async () => {
  const cwd = await project({
    [FILE]: `
all:
  vars: {nginx: {all: all, parent: all, child: all, host: all, extra: all}}
  children:
    parent:
      vars: {nginx: {parent: parent, child: parent, host: parent, extra: parent}}
      children:
        child:
          vars: {nginx: {child: child, host: child, extra: child}}
          hosts:
            svr1:
              nginx: {host: host, extra: host}
`,
  });
  const { parseExtraVars } = await import('../../src/load/extra-vars.ts');
  const extraVars = await parseExtraVars(['nginx.extra=extra']);
  const { vars } = hostOf(await loadInventory(FILE, { cwd, env: {}, extraVars }));
  expect(vars.values['nginx']).toEqual({
    all: 'all',
    parent: 'parent',
    child: 'child',
    host: 'host',
    extra: 'extra',
  });
  expect(vars.origin('nginx.child')).toBe('inventory/hosts.yml:9:33');
  expect(vars.origin('nginx.extra')).toBe('--extra-vars');
  expect(vars.shadows('nginx.extra')).toEqual([
    { value: 'host', origin: 'inventory/hosts.yml:12:42' },
    { value: 'child', origin: 'inventory/hosts.yml:9:60' },
    { value: 'parent', origin: 'inventory/hosts.yml:6:74' },
    { value: 'all', origin: 'inventory/hosts.yml:3:71' },
  ]);
});

test('groups of the same depth apply by name, unless they have a priority', async () => {
  const b = 'b: {hosts: {svr1: }, vars: {nginx: {from: b}}}\n';
  const byName = await load(`${b}a: {hosts: {svr1: }, vars: {nginx: {from: a}}}\n`);
  const byPriority = await load(
    `${b}a: {hosts: {svr1: }, vars: {nginx: {from: a}, ansible_group_priority: 10}}\n`,
  );
  expect(hostOf(byName).vars.values).toEqual({ nginx: { from: 'b' } });
  expect(hostOf(byPriority).vars.values).toEqual({ nginx: { from: 'a' } });
});

test('a deeper group wins over a name later in the alphabet', async () => {
  const inventory = await load(`
z: {hosts: {svr1: }, vars: {nginx: {from: z}}}
a: {children: {b: {hosts: {svr1: }, vars: {nginx: {from: b}}}}}
`);
  expect(hostOf(inventory).vars.values).toEqual({ nginx: { from: 'b' } });
});

test('maps merge by key, lists and scalars replace', async () => {
  const inventory = await load(`
all:
  vars: {nginx: {ports: [80, 81], log: {file: /tmp/a, level: info}}}
  hosts:
    svr1: {nginx: {ports: [8080], log: {level: debug}}}
`);
  const { vars } = hostOf(inventory);
  expect(vars.values).toEqual({ nginx: { ports: [8080], log: { file: '/tmp/a', level: 'debug' } } });
  expect(vars.shadows('nginx.ports')).toEqual([{ value: [80, 81], origin: 'inventory/hosts.yml:3:25' }]);
});

test('group_vars and host_vars are above the inventory, host_vars above group_vars', async () => {
  const inventory = await loadFiles({
    [FILE]: `
web:
  hosts:
    svr1: {nginx: {host: inline}}
  vars: {nginx: {a: inline, b: inline, c: inline, d: inline}}
`,
    'inventory/group_vars/all.yml': 'nginx: {a: all, b: all, c: all}\n',
    'inventory/group_vars/web.yaml': '---\nnginx: {b: web, c: web, host: web}\n',
    'inventory/group_vars/other.yml': 'nginx: {c: other}\n',
    'inventory/host_vars/svr1/1-first.yml': 'nginx: {c: first}\n',
    'inventory/host_vars/svr1/2-second.json': '{"nginx": {"c": "second"}}',
    'inventory/host_vars/svr1/notes.txt': 'not read',
  });
  const { vars } = hostOf(inventory);
  expect(vars.values).toEqual({ nginx: { a: 'all', b: 'web', c: 'second', d: 'inline', host: 'inline' } });
  expect(vars.origin('nginx.b')).toBe('inventory/group_vars/web.yaml:2:12');
});

test('an error in a vars file is found together with those of the inventory', async () => {
  const cwd = await project({
    [FILE]: 'web:\n  hosts:\n    svr1: {ansible_prot: 22}\n',
    'inventory/group_vars/web.yml': 'nginx:\n  port: "{{ port }}"\n',
    'inventory/host_vars/svr1.yml': '- port\n',
  });
  expect(await printed(() => loadInventory(FILE, { cwd, env: {} }))).toMatchInlineSnapshot(`
    "the value is a Jinja expression
      why     port: "{{ port }}"
                    ^
      from  inventory/group_vars/web.yml:2:9
      do    Jinja is not evaluated: write the value itself, or \${NAME} for a secret from .env
    inventory/host_vars/svr1.yml should be a map of names to values, is a list
      why   - port
            ^
      from  inventory/host_vars/svr1.yml:1:1
    ansible_prot is not a connection variable
      why       svr1: {ansible_prot: 22}
                       ^
      from  inventory/hosts.yml:3:12
      do    did you mean ansible_port?"
  `);
});

test('anchors, merge keys and yes or no are read as Ansible reads them', async () => {
  const { vars } = hostOf(
    await load(`
all:
  hosts:
    svr1:
      nginx: &base {gzip: yes, log: off, name: "no", time: 12:30, day: 2020-01-01}
      other:
        <<: *base
        log: on
`),
  );
  expect(vars.values['other']).toEqual({
    gzip: true,
    log: true,
    name: 'no',
    time: '12:30',
    day: '2020-01-01',
  });
});

test('the lab marker gives the key and host keys of the lab', async () => {
  const text = 'all:\n  vars: {run_playbook_lab: default}\n  hosts: {svr1: }\n';
  const inventory = await load(text);
  const lab = labPaths('default');
  expect(inventory.lab).toBe('default');
  expect(hostOf(inventory).target).toMatchObject({
    privateKeyFile: lab.privateKey,
    knownHostsFiles: [lab.knownHosts],
  });
  expect(hostOf(inventory).vars.values).toEqual({});
  expect((await load(text, { env: { RUN_PLAYBOOK_LAB: 'test-7' } })).lab).toBe('test-7');
});

test('RUN_PLAYBOOK_LAB makes no lab of an inventory that is none', async () => {
  const inventory = await load('all:\n  hosts: {svr1: }\n', { env: { RUN_PLAYBOOK_LAB: 'test-7' } });
  expect(inventory.lab).toBeUndefined();
});

test('the shipped inventory is the lab with two web servers and a VIP', async () => {
  const inventory = await loadInventory(join(packageDir, FILE), { cwd: packageDir, env: {} });
  expect(inventory.lab).toBe('default');
  expect(inventory.groups.get('web')).toEqual(['svr1', 'svr2']);
  expect([...inventory.hosts.values()].map(({ target }) => target.address)).toEqual([
    '172.25.254.131',
    '172.25.254.132',
  ]);
  const { vars, target } = hostOf(inventory);
  expect(vars.values['keepalived']).toEqual({ vips: [{ address: '172.25.254.130' }] });
  expect(target).toMatchObject({ user: 'deploy', become: { enabled: true, user: 'root' } });
});

test('the production example loads as it is', async () => {
  const path = join(packageDir, 'inventory/production.example.yml');
  const inventory = await loadInventory(path, { cwd: packageDir, env: {} });
  expect(inventory.lab).toBeUndefined();
  expect(inventory.groups.get('web')).toEqual(['svr1', 'svr2']);
});

test('an inventory that is not there, and one that is a folder', async () => {
  const cwd = await project({ [FILE]: '' });
  expect(await printed(() => loadInventory('lost.yml', { cwd }))).toMatchInlineSnapshot(`
    "there is no inventory lost.yml
      do    name a YAML file with --inventory"
  `);
  expect(await printed(() => loadInventory('inventory', { cwd }))).toMatchInlineSnapshot(`
    "the inventory inventory is a folder
      do    name a YAML file with --inventory"
  `);
});
