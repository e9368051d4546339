import { describe, expect, it } from 'vitest';
import { enterLab } from '../../src/cli/enter-lab.ts';
import { InvalidInput } from '../../src/core/error.ts';
import { loadInventory } from '../../src/load/inventory.ts';
import { fakeWorld, PROJECT } from './in-process.ts';

const LAB = 'never-made';

describe('entering the lab', () => {
  it('comes after everything that can be wrong with the command', async () => {
    const wrong = new InvalidInput([{ what: 'there is no playbook phas1' }]);

    await expect(enter({}, () => Promise.reject(wrong))).rejects.toBe(wrong);
  });

  it('is not tried again by who was started inside and is not', async () => {
    const env = { RUN_PLAYBOOK_INSIDE: `${LAB} ${process.ppid}` };

    await expect(enter(env, () => Promise.resolve())).rejects.toThrow(
      'the network of lab never-made could not be entered',
    );
  });

  it('does not believe the environment about being inside', async () => {
    const examined = new Error('examined');
    const env = { RUN_PLAYBOOK_INSIDE: `${LAB} 1` };

    await expect(enter(env, () => Promise.reject(examined))).rejects.toBe(examined);
  });
});

async function enter(env: NodeJS.ProcessEnv, examine: () => Promise<unknown>) {
  const inventory = await loadInventory('inventory/hosts.yml', { cwd: PROJECT });
  const { world } = fakeWorld({ env });
  return enterLab(LAB, { inventory, world, options: { args: [], examine, onProgress: () => {} } });
}
