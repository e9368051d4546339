import { isLabUp } from '../../scripts/lab/is-up.ts';
import { Unreachable, type ExitCode } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import { fail } from './fail.ts';
import { failureOf } from './failure.ts';
import { inkOn } from './ink-on.ts';
import { inventoryOf } from './run-command.ts';
import type { World } from './world.ts';

/**
 * The inventory of a command that only looks at hosts; the exit code of the same command inside the lab's network when
 * the hosts are the lab's. A lab that is not up is not started for it.
 *
 * @param examine throws what is wrong with the command
 */
export async function inventoryInReach(
  { inventory: path }: { readonly inventory: string | undefined },
  { args, world, examine }: InReach,
): Promise<Inventory | number> {
  const inventory = await inventoryOf({ inventory: path, extraVars: [] }, world);
  examine(inventory);
  if (inventory.lab === undefined) {
    return inventory;
  }
  if (!isLabUp(inventory.lab)) {
    throw new Unreachable({ what: `the lab ${inventory.lab} is not up`, hint: 'run-playbook lab up' });
  }
  const { enterLab } = await import('./enter-lab.ts');
  const options = { args, examine: async () => {}, onProgress: () => {} };
  return (await enterLab(inventory.lab, { inventory, world, options })) ?? inventory;
}

export interface InReach {
  readonly args: readonly string[];
  readonly world: World;
  readonly examine: (inventory: Inventory) => void;
}

/** Tells why a command that looks at hosts has no result, with `--json` in a document on stdout too; the exit code. */
export async function failLooking(error: unknown, json: boolean, world: World): Promise<ExitCode> {
  if (json) {
    const { exit, troubles: errors } = failureOf(error, 0);
    const { printedDocument } = await import('../report/document.ts');
    world.stdout.write(printedDocument({ version: 1, exit, errors }, inkOn('stdout', world).masked));
  }
  return fail(error, world, { verbosity: 0 });
}
