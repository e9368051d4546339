import { expect, test } from 'vitest';
import * as v from 'valibot';
import type { Objection, Rule } from '../../src/core/lint.ts';
import { playbook, role, type RoleContext } from '../../src/core/role.ts';
import { secret } from '../../src/core/vars.ts';
import { bindVars, validateVars } from '../../src/load/bind-vars.ts';
import { loadInventory } from '../../src/load/inventory.ts';
import { lintVars } from '../../src/load/lint.ts';
import { printed, project } from './project.ts';

const FILE = 'inventory/hosts.yml';

interface Web {
  readonly port: number;
  readonly name: string;
}

const RULES: readonly Rule[] = [
  { code: 'WEB1', title: 'An odd port', level: 'warn', why: '', fix: '' },
  { code: 'WEB2', title: 'Equal names', level: 'refuse', why: '', fix: '' },
];

/** Ports should be even, and names differ. */
function objections({ host, vars, cluster }: RoleContext<Web>): readonly Objection[] {
  const earlier = cluster.hosts.slice(0, cluster.hosts.indexOf(host));
  const equal = earlier.find((other) => (other.vars.get('web') as Web).name === vars.name);
  return [
    ...(vars.port % 2 === 0 ? [] : [{ rule: 'WEB1', path: 'web.port', what: `is ${vars.port}` }]),
    ...(equal === undefined
      ? []
      : [{ rule: 'WEB2', path: 'web.name', what: `is ${vars.name}, as on ${equal.name}`, hint: 'choose' }]),
  ];
}

function webWith(objects: (context: RoleContext<Web>) => readonly Objection[]) {
  const web = role({
    name: 'web',
    description: '',
    vars: v.object({ port: v.optional(v.number(), 80), name: v.optional(v.string(), 'web') }),
    resources: () => [],
    rules: RULES,
    objections: objects,
  });
  return playbook({ name: 'web', description: '', hosts: 'web', roles: [web] });
}

async function lintOf(text: string, about = webWith(objections)) {
  const cwd = await project({ [FILE]: text });
  const inventory = await loadInventory(FILE, { cwd, env: {} });
  const hosts = validateVars(about, inventory, { hostNames: ['svr1', 'svr2'] });
  return { findings: lintVars(about, hosts, inventory.source), inventory };
}

test("a group's variable is told once, and of no single host", async () => {
  const { findings } = await lintOf(`
web:
  vars: { ansible_user: root, web: { port: 81 } }
  hosts: { svr1: { web: { name: a } }, svr2: { web: { name: b } } }
`);
  expect(findings).toEqual([
    {
      code: 'WEB1',
      level: 'warn',
      title: 'An odd port',
      path: 'web.port',
      what: 'is 81',
      from: `${FILE}:3:44`,
      excerpt: ['  vars: { ansible_user: root, web: { port: 81 } }', `${' '.repeat(43)}^`],
    },
  ]);
});

test('what is of one host is told with its name, and one value in two files twice', async () => {
  const { findings } = await lintOf(`
web:
  vars: { ansible_user: root }
  hosts:
    svr1: { web: { port: 81, name: a } }
    svr2: { web: { port: 81, name: a } }
`);
  expect(findings.map(({ code, host, what, from }) => [code, host, what, from])).toEqual([
    ['WEB1', 'svr1', 'is 81', `${FILE}:5:26`],
    ['WEB1', 'svr2', 'is 81', `${FILE}:6:26`],
    ['WEB2', 'svr2', 'is a, as on svr1', `${FILE}:6:36`],
  ]);
});

test('a run is refused with the code and where it was written; warnings end nothing', async () => {
  const { inventory } = await lintOf(`
web:
  vars: { ansible_user: root }
  hosts: { svr1: { web: { port: 81 } }, svr2: }
`);
  const bind = () => bindVars(webWith(objections), inventory, { hostNames: ['svr1', 'svr2'] });
  expect(await printed(bind)).toMatchInlineSnapshot(`
    "WEB2  svr2: web.name: is web, as on svr1
      from  inventory/hosts.yml
      do    choose
      more  run-playbook explain WEB2"
  `);
  expect(() => bindVars(webWith(objections), inventory, { hostNames: ['svr1'] })).not.toThrow();
});

test('a password that is written as plain text is not shown with the line it stands in', async () => {
  const web = role({
    name: 'web',
    description: '',
    vars: v.object({ key: secret() }),
    resources: () => [],
    rules: RULES,
    objections: () => [{ rule: 'WEB2', path: 'web.key', what: 'is too short' }],
  });
  const about = playbook({ name: 'web', description: '', hosts: 'web', roles: [web] });
  const { inventory } = await lintOf(
    'web:\n  vars: { ansible_user: root, web: { key: hunter2 } }\n  hosts: { svr1: , svr2: }\n',
    about,
  );
  const shown = await printed(() => bindVars(about, inventory, { hostNames: ['svr1', 'svr2'] }));
  expect(shown).toContain('web: { key: [secret] } }');
  expect(shown).not.toContain('hunter2');
});

test("an objection by a code that is no rule, and a mistake in a role's own code, are told as the role's", async () => {
  const text = 'web:\n  vars: { ansible_user: root }\n  hosts: { svr1: , svr2: }\n';
  const strange = webWith(() => [{ rule: 'WEB9', path: 'web.port', what: 'is odd' }]);
  expect(await printed(() => lintOf(text, strange))).toContain(
    'svr1  role web: objects to web.port by WEB9, which is none of its rules',
  );
  const broken = webWith(() => {
    throw new TypeError('no such thing');
  });
  expect(await printed(() => lintOf(text, broken))).toContain('svr1  role web: no such thing');
});
