import { expect, test } from 'vitest';
import { bindVars } from '../../src/load/bind-vars.ts';
import { loadInventory } from '../../src/load/inventory.ts';
import { goldenCases } from './golden.ts';
import { printed, project } from './project.ts';
import { web } from './web-playbook.ts';

const GROUP = 'web:\n  hosts:\n    svr1:\n    svr2:\n  vars:\n    ansible_user: root\n';

test.for(goldenCases('bind-errors.txt'))('$name', async (golden) => {
  const cwd = await project({ 'inventory/hosts.yml': GROUP + golden.given, '.env': 'PASSWORD=hunter2\n' });
  const shown = await printed(async () => {
    const inventory = await loadInventory('inventory/hosts.yml', { cwd, env: {} });
    bindVars(web, inventory, { hostNames: ['svr1', 'svr2'] });
  });
  expect(shown).toBe(golden.printed);
});
