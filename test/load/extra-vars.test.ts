import { expect, test } from 'vitest';
import { parseExtraVars } from '../../src/load/extra-vars.ts';
import { loadInventory } from '../../src/load/inventory.ts';
import { plainValue } from '../../src/load/variables.ts';
import { printed, project } from './project.ts';

test.for<readonly [string, readonly string[], unknown]>([
  ['an undotted value is a text, as in Ansible', ['a=1', 'b=yes'], { a: '1', b: 'yes' }],
  ['a dotted value is read as YAML', ['nginx.port=8080'], { nginx: { port: 8080 } }],
  ['also a list', ['nginx.listen=[80, 443]'], { nginx: { listen: [80, 443] } }],
  ['also true and false', ['nginx.gzip=no'], { nginx: { gzip: false } }],
  ['an empty dotted value is an empty text', ['nginx.name='], { nginx: { name: '' } }],
  [
    'several in one argument, with quotes',
    ['a=1 b="two words" c=\'x=y\''],
    { a: '1', b: 'two words', c: 'x=y' },
  ],
  ['JSON', ['{"nginx": {"port": 8080}}'], { nginx: { port: 8080 } }],
  ['YAML in braces', ['{nginx: {port: 8080}}'], { nginx: { port: 8080 } }],
  ['arguments merge, the last wins', ['{"a": {"b": 1, "c": 1}}', 'a.c=2'], { a: { b: 1, c: 2 } }],
  ['none', [], {}],
])('%s', async ([, args, values]) => {
  expect(plainValue(await parseExtraVars(args))).toEqual(values);
});

test('@file is a YAML file, relative to the current folder, with places of its own', async () => {
  const cwd = await project({ 'vars/more.yml': 'nginx:\n  port: 8080\n' });
  const { entries } = await parseExtraVars(['@vars/more.yml'], { cwd });
  expect(entries.get('nginx')?.node.place.origin).toBe('vars/more.yml:2:3');
});

test('extra vars are above host variables and reach the connection', async () => {
  const cwd = await project({ 'hosts.yml': 'all:\n  hosts:\n    svr1: {ansible_user: deploy}\n' });
  const extraVars = await parseExtraVars(['ansible_user=root ansible_port=2222']);
  const inventory = await loadInventory('hosts.yml', { cwd, env: {}, extraVars });
  expect(inventory.hosts.get('svr1')?.target).toMatchObject({ user: 'root', port: 2222 });
});

test('a misspelt connection variable in extra vars is suggested', async () => {
  const cwd = await project({ 'hosts.yml': 'all:\n  hosts:\n    svr1:\n    svr2:\n' });
  const extraVars = await parseExtraVars(['ansible_usr=root']);
  expect(await printed(() => loadInventory('hosts.yml', { cwd, env: {}, extraVars }))).toMatchInlineSnapshot(`
    "ansible_usr is not a connection variable
      why   -e ansible_usr=root
      from  --extra-vars
      do    did you mean ansible_user?"
  `);
});

test('everything wrong with the arguments at once', async () => {
  const cwd = await project({ 'list.yml': '- a\n' });
  const args = ['nginx', 'nginx..port=1', '@lost.yml', '@list.yml', 'nginx.listen=[80', '{"a": ', '[1]'];
  expect(await printed(() => parseExtraVars(args, { cwd }))).toMatchInlineSnapshot(`
    "--extra-vars nginx: should be name=value
      why   -e nginx
      from  --extra-vars
      do    write name=value, role.name=value, a JSON object, or @file.yml
    --extra-vars nginx..port=1: should be name=value
      why   -e nginx..port=1
      from  --extra-vars
      do    write name=value, role.name=value, a JSON object, or @file.yml
    cannot read lost.yml (ENOENT)
      from  --extra-vars
    the value cannot be read as YAML
      why   -e nginx.listen=[80
      from  --extra-vars
      do    put it in quotes
    --extra-vars should be a map of names to values, is a list
      why   [1]
            ^
      from  --extra-vars:1:1
    not valid YAML: Flow map must end with a }
      why   {"a":
                 ^
      from  --extra-vars:1:6
    list.yml should be a map of names to values, is a list
      why   - a
            ^
      from  list.yml:1:1"
  `);
});

test('a password on the command line is not in the error about it', async () => {
  expect(await printed(() => parseExtraVars(['app..password=hunter2']))).not.toContain('hunter2');
});
