import { expect, test } from 'vitest';
import { loadInventory } from '../../src/load/inventory.ts';
import { goldenCases } from './golden.ts';
import { printed, project } from './project.ts';

test.for(goldenCases('inventory-errors.txt'))('$name', async (golden) => {
  const cwd = await project({
    'inventory/hosts.yml': golden.given,
    '.env': 'SSH_PASSWORD=hunter2\nEMPTY=\n',
  });
  const shown = await printed(() => loadInventory('inventory/hosts.yml', { cwd, env: {} }));
  expect(shown).toBe(golden.printed);
});
