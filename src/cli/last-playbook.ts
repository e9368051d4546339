import type { RunRecord } from '../core/audit.ts';
import { InvalidInput } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import { readRecords } from './run-records.ts';
import { isWithin, scopeOf } from './scope.ts';
import type { World } from './world.ts';

/**
 * The playbook that was last applied to the hosts of an inventory: as far as this user's own records tell, else as the
 * hosts do.
 *
 * @throws InvalidInput nobody knows
 */
export async function lastPlaybook(inventory: Inventory, world: World): Promise<string> {
  const isAboutThese = isWithin(scopeOf(inventory, world));
  const isOfThese = (record: RunRecord) => isAboutThese(record) && hasConverged(record);
  const { records } = await readRecords(1, world.env, isOfThese);
  const last = records.findLast(isOfThese);
  return last?.playbook ?? (await askHostsFor(inventory));
}

function hasConverged({ hosts = {}, exit }: RunRecord): boolean {
  return exit === 0 && Object.values(hosts).some(({ result }) => result === 'changed' || result === 'ok');
}

async function askHostsFor(inventory: Inventory): Promise<string> {
  const [{ readStatus }, { connect }] = await Promise.all([
    import('../operate/status.ts'),
    import('../transport/index.ts'),
  ]);
  const { hosts } = await readStatus([...inventory.hosts.keys()], { inventory, connect });
  const runs = hosts.flatMap(({ lastRun }) => (lastRun?.result === 'changed' ? [lastRun] : []));
  const last = runs.toSorted((a, b) => a.start.localeCompare(b.start)).at(-1);
  if (last === undefined) {
    throw new InvalidInput([
      {
        what: 'no playbook is known to have been applied to these hosts',
        hint: 'name it: run-playbook drift phase1',
      },
    ]);
  }
  return last.playbook;
}
