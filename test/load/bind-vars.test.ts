import { expect, test } from 'vitest';
import phase1 from '../../playbooks/phase1.ts';
import { InvalidInput } from '../../src/core/error.ts';
import { Secret } from '../../src/core/secret.ts';
import { bindVars } from '../../src/load/bind-vars.ts';
import { secretsIn } from '../../src/load/secrets-in.ts';
import { explainVars } from '../../src/load/explain-vars.ts';
import { parseExtraVars } from '../../src/load/extra-vars.ts';
import { loadInventory } from '../../src/load/inventory.ts';
import { printed, project } from './project.ts';
import { pair, web } from './web-playbook.ts';

const FILE = 'inventory/hosts.yml';

async function load(text: string, extra: readonly string[] = []) {
  const cwd = await project({ [FILE]: text });
  return loadInventory(FILE, { cwd, env: {}, extraVars: await parseExtraVars(extra) });
}

test('every role has its variables with defaults, also where the inventory says nothing', async () => {
  const inventory = await load('web:\n  hosts:\n    svr1: {ansible_host: 192.0.2.11, ansible_user: root}\n');
  const [host] = bindVars(web, inventory, { hostNames: ['svr1'] });
  expect(host).toMatchObject({ name: 'svr1', address: '192.0.2.11', groups: ['all', 'web'] });
  expect(host?.vars.get('nginx')).toEqual({ port: 80, gzip: true, log: 'off', sites: {} });
});

test('what the playbook sets is below the inventory and above the defaults', async () => {
  const inventory = await load(`
web:
  vars: {ansible_user: root}
  hosts:
    svr1: {keepalived: {id: 51}}
    svr2: {keepalived: {id: 51, track: haproxy}}
`);
  const [svr1, svr2] = bindVars(pair, inventory, { hostNames: ['svr1', 'svr2'] });
  expect(svr1?.vars.get('keepalived')).toEqual({ id: 51, track: 'nginx' });
  expect(svr1?.variables.origin('keepalived.track')).toBe('playbook pair');
  expect(svr2?.vars.get('keepalived')).toEqual({ id: 51, track: 'haproxy' });
  expect(svr2?.variables.shadows('keepalived.track')).toEqual([{ value: 'nginx', origin: 'playbook pair' }]);
});

test('a password written as plain text is a Secret for the role and for masking', async () => {
  const inventory = await load(
    'web:\n  hosts:\n    svr1: {ansible_user: root, nginx: {password: hunter2}}\n',
  );
  const hosts = bindVars(web, inventory, { hostNames: ['svr1'] });
  expect(hosts[0]?.vars.get('nginx')).toMatchObject({ password: expect.any(Secret) });
  expect(secretsIn(hosts).map((secret) => secret.reveal())).toEqual(['hunter2']);
});

test('variables of roles in other playbooks may stand in the inventory', async () => {
  const inventory = await load('web:\n  hosts:\n    svr1: {ansible_user: root, haproxy: {stats: true}}\n');
  const bind = () => bindVars(web, inventory, { hostNames: ['svr1'], otherRoles: ['haproxy'] });
  expect(bind).not.toThrow();
});

test('a required variable that is nowhere is reported once, for the inventory', async () => {
  const inventory = await load('web:\n  vars: {ansible_user: root}\n  hosts: {svr1: , svr2: }\n');
  const bind = () => bindVars(pair, inventory, { hostNames: ['svr1', 'svr2'] });
  expect(await printed(bind)).toMatchInlineSnapshot(`
    "keepalived.id: is missing
      from  playbook pair
      do    write id: … below keepalived:"
  `);
});

test('a wrong extra variable is reported where it was written', async () => {
  const inventory = await load('web:\n  hosts:\n    svr1: {ansible_user: root}\n', [
    'nginx.port=99999',
    '{"nginx": {"gziip": true}}',
  ]);
  const bind = () => bindVars(web, inventory, { hostNames: ['svr1'] });
  expect(await printed(bind)).toMatchInlineSnapshot(`
    "nginx.port: should be a port (1-65535), is 99999
      why   -e nginx.port=99999
      from  --extra-vars
      do    port: port nginx listens on
    nginx.gziip: there is no such variable
      why   {"nginx": {"gziip": true}}
                       ^
      from  --extra-vars:1:12
      do    did you mean gzip?"
  `);
});

test('a login that cannot become root is an error before any connection', async () => {
  const inventory = await load(`
web:
  hosts:
    svr1: {ansible_user: deploy}
    svr2: {ansible_user: deploy, ansible_become: false}
    svr3: {ansible_user: deploy, ansible_become: true, ansible_become_user: www-data}
    svr4: {ansible_user: root}
    svr5: {ansible_user: deploy, ansible_become: true}
`);
  const bind = () => bindVars(web, inventory, { hostNames: [...inventory.hosts.keys()] });
  expect(await printed(bind)).toMatchInlineSnapshot(`
    "svr1: logs in as deploy and does not become root, which playbooks need
      why       svr1: {ansible_user: deploy}
                ^
      from  inventory/hosts.yml:4:5
      do    ansible_become: true
    svr2: logs in as deploy and does not become root, which playbooks need
      why       svr2: {ansible_user: deploy, ansible_become: false}
                                                             ^
      from  inventory/hosts.yml:5:50
      do    ansible_become: true
    svr3: ansible_become_user is www-data; playbooks need root
      why       svr3: {ansible_user: deploy, ansible_become: true, ansible_become_user: www-data}
                                                                                        ^
      from  inventory/hosts.yml:6:77
      do    remove ansible_become_user"
  `);
});

test('explainVars tells every value, its origin and what it hides', async () => {
  const inventory = await load(
    `
all:
  vars: {nginx: {port: 8080, gzip: false}}
  hosts:
    svr1: {ansible_user: root, ansible_password: hunter2, nginx: {port: 8081}}
`,
    ['nginx.gzip=yes'],
  );
  const host = inventory.hosts.get('svr1');
  const [bound] = bindVars(web, inventory, { hostNames: ['svr1'] });
  const rows = host === undefined ? [] : explainVars(host, { bound });
  const text = rows.map(({ name, value, origin, shadows }) =>
    [name, value, origin, ...shadows.map((hidden) => `(${String(hidden.value)} ${hidden.origin})`)].join(' '),
  );
  expect(text.join('\n')).toMatchInlineSnapshot(`
    "ansible_user root inventory/hosts.yml:5:26
    ansible_password [secret] inventory/hosts.yml:5:50
    nginx.port 8081 inventory/hosts.yml:5:73 (8080 inventory/hosts.yml:3:24)
    nginx.gzip true --extra-vars (false inventory/hosts.yml:3:36)
    nginx.log off role default
    nginx.sites [object Object] role default"
  `);
});

test('an error about a secret never shows its line, whatever its variable is called', async () => {
  const inventory = await load('web:\n  vars: {ansible_user: root}\n  hosts:\n    svr1: {}\n', [
    '{"keepalived":{"auth":98761111}}',
  ]);
  const { troubles } = refusal(() => bindVars(phase1, inventory, { hostNames: ['svr1'] }));
  expect(troubles.map(({ what }) => what).join()).toContain('keepalived.auth: should be a secret');
  expect(JSON.stringify(troubles)).not.toContain('98761111');
});

function refusal(work: () => unknown): InvalidInput {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidInput) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was refused');
}
