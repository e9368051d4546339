import { resolve } from 'node:path';
import type { RunRecord } from '../core/audit.ts';
import { EXIT, InvalidInput, type Trouble } from '../core/error.ts';
import { mergeHistory } from '../core/history.ts';
import type { Inventory } from '../core/inventory.ts';
import { suggestionFor } from '../core/suggest.ts';
import type { HistoryResult } from '../report/history-text.ts';
import type { HistoryCommand } from './command.ts';
import { connecting } from './connecting.ts';
import { failLooking, inventoryInReach } from './in-reach.ts';
import { inkOn } from './ink-on.ts';
import { readRecords } from './run-records.ts';
import type { World } from './world.ts';

/** Shows the runs that were made from here; of one host also those that it has heard of from elsewhere. */
export async function historyCommand(
  command: HistoryCommand,
  args: readonly string[],
  world: World,
): Promise<number> {
  const { host } = command;
  try {
    if (host === undefined) {
      const { records, unread } = await readRecords(command.number, world.env);
      const runs = mergeHistory(records, []).slice(0, command.number);
      await print({ host, runs, unread, troubles: [] }, { command, world });
      return EXIT.converged;
    }
    const examine = (inventory: Inventory) => requireHost(host, inventory);
    const inventory = await inventoryInReach(command, { args, world, examine });
    return typeof inventory === 'number' ? inventory : await ofHost(host, inventory, { command, world });
  } catch (error) {
    return failLooking(error, command.json, world);
  }
}

interface Asked {
  readonly command: HistoryCommand;
  readonly world: World;
}

async function ofHost(host: string, inventory: Inventory, asked: Asked): Promise<number> {
  const { number } = asked.command;
  const { readHostLog } = await import('../operate/host-log.ts');
  const connect = await connecting(asked.world);
  const source = resolve(asked.world.cwd, inventory.source);
  // Names of hosts are only as unique as the inventory.
  const isOwn = (record: RunRecord) => record.inventory === source && record.selected.includes(host);
  const [local, log] = await Promise.all([
    readRecords(number, asked.world.env, isOwn),
    readHostLog(host, number, { inventory, connect }),
  ]);
  const runs = mergeHistory(local.records, log.lines).slice(0, number);
  const unread = local.unread + log.unread;
  await print({ host, runs, unread, troubles: log.troubles }, asked);
  return exitOf(log.troubles);
}

function exitOf(troubles: readonly Trouble[]): number {
  return troubles.length > 0 ? EXIT.unreachable : EXIT.converged;
}

function requireHost(host: string, inventory: Inventory): void {
  if (!inventory.hosts.has(host)) {
    const hint = suggestionFor(host, inventory.hosts.keys(), 'known hosts');
    throw new InvalidInput([{ what: `there is no host ${host}`, from: inventory.source, hint }]);
  }
}

async function print(result: HistoryResult, { command, world }: Asked): Promise<void> {
  const { stdout, stderr } = world;
  const ink = inkOn('stdout', world);
  if (command.json) {
    const [{ historyDocument }, { printedDocument }] = await Promise.all([
      import('../report/history-document.ts'),
      import('../report/document.ts'),
    ]);
    stdout.write(printedDocument(historyDocument(result), ink.masked));
    return;
  }
  const [{ historyText }, { troubleText }] = await Promise.all([
    import('../report/history-text.ts'),
    import('../report/trouble-text.ts'),
  ]);
  stdout.write(historyText(result, ink));
  const aside = inkOn('stderr', world);
  stderr.write(result.troubles.map((trouble) => `${troubleText(trouble, aside)}\n`).join('\n'));
}
