import { expect, test } from 'vitest';
import { loadInventory } from '../../src/load/inventory.ts';
import { selectHosts } from '../../src/load/select-hosts.ts';
import { printed, project } from './project.ts';

async function inventory() {
  const cwd = await project({
    'hosts.yml': `
web:
  hosts: {svr1: , svr2: , svr3: }
stage:
  hosts: {svr3: , db1: }
`,
  });
  return loadInventory('hosts.yml', { cwd, env: {} });
}

test.for([
  ['web', undefined, 'svr1 svr2 svr3'],
  ['all', undefined, 'svr1 svr2 svr3 db1'],
  ['web', 'svr2', 'svr2'],
  ['web', 'svr3,svr1', 'svr1 svr3'],
  ['web', 'svr3:svr1', 'svr1 svr3'],
  ['all', 'web', 'svr1 svr2 svr3'],
  ['web', 'stage', 'svr3'],
  ['web', '!svr1', 'svr2 svr3'],
  ['all', 'web:!stage', 'svr1 svr2'],
  ['all', 'web:&stage', 'svr3'],
  ['all', '&web:!svr1', 'svr2 svr3'],
  ['all', 'svr*', 'svr1 svr2 svr3'],
  ['all', 's*e', 'svr3 db1'],
  ['all', '*', 'svr1 svr2 svr3 db1'],
  ['all', 'svr?,!svr2', 'svr1 svr3'],
  ['web:stage', undefined, 'svr1 svr2 svr3 db1'],
  ['web:!stage', 'svr1', 'svr1'],
] as const)('%s with --limit %s is %s', async ([hosts, limit, names]) => {
  expect(selectHosts(await inventory(), hosts, limit)).toEqual(names.split(' '));
});

test('a misspelt host or group is suggested, all of them at once', async () => {
  const loaded = await inventory();
  expect(await printed(() => selectHosts(loaded, 'all', 'srv1,webb,!nowhere'))).toMatchInlineSnapshot(`
    "--limit srv1,webb,!nowhere: there is no host or group srv1
      from  hosts.yml
      do    did you mean svr1?
    --limit srv1,webb,!nowhere: there is no host or group webb
      from  hosts.yml
      do    did you mean web?
    --limit srv1,webb,!nowhere: there is no host or group nowhere
      from  hosts.yml
      do    known: svr1, svr2, svr3, db1, all, web, stage"
  `);
});

test('a playbook for a group that the inventory does not have', async () => {
  const loaded = await inventory();
  expect(await printed(() => selectHosts(loaded, 'loadbalancers'))).toMatchInlineSnapshot(`
    "playbook hosts loadbalancers: there is no host or group loadbalancers
      from  hosts.yml
      do    known: svr1, svr2, svr3, db1, all, web, stage"
  `);
});

test('a pattern that leaves no host is an error', async () => {
  const loaded = await inventory();
  expect(await printed(() => selectHosts(loaded, 'web', 'db1'))).toMatchInlineSnapshot(`
    "--limit db1: no host of web is left
      from  --limit
      do    web is svr1, svr2, svr3"
  `);
  expect(await printed(() => selectHosts(loaded, 'web', 'svr1:!web'))).toMatchInlineSnapshot(`
    "--limit svr1:!web: matches no host
      from  hosts.yml
      do    known: svr1, svr2, svr3, db1, all, web, stage"
  `);
  expect(await printed(() => selectHosts(loaded, 'web', 'db*x'))).toMatchInlineSnapshot(`
    "--limit db*x: no host or group matches db*x
      from  hosts.yml
      do    known: svr1, svr2, svr3, db1, all, web, stage"
  `);
});

test('patterns that Ansible has and this does not', async () => {
  const loaded = await inventory();
  expect(await printed(() => selectHosts(loaded, 'web', '~svr[12]'))).toMatchInlineSnapshot(`
    "--limit ~svr[12]: ~svr[12] is not supported yet
      from  hosts.yml
      do    name the hosts, or use a wildcard such as svr*"
  `);
});
