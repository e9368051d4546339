import { mapLimited } from '../core/concurrency.ts';
import type { Connection } from '../core/connection.ts';
import { RunError, type Trouble } from '../core/error.ts';
import type { Inventory, Target } from '../core/inventory.ts';

const FORKS = 10;

export interface HostAccess {
  readonly inventory: Inventory;
  readonly connect: (target: Target) => Promise<Connection>;
}

/** What hosts answered, and what kept the others from it. */
export interface Answered<T> {
  /** In the order of `names`. */
  readonly answers: readonly T[];
  readonly troubles: readonly Trouble[];
}

/** Asks hosts at the same time, each over a connection of its own. */
export async function askHosts<T>(
  names: readonly string[],
  { inventory, connect }: HostAccess,
  ask: (connection: Connection) => Promise<T>,
): Promise<Answered<T>> {
  const troubles: Trouble[] = [];
  const answers = await mapLimited(names, FORKS, async (host) => {
    const target = inventory.hosts.get(host)?.target;
    if (target === undefined) {
      throw new TypeError(`${host} is not in ${inventory.source}`);
    }
    try {
      const connection = await connect(target);
      try {
        return [await ask(connection)];
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (!(error instanceof RunError)) {
        throw error;
      }
      troubles.push({ host, ...error.trouble });
      return [];
    }
  });
  return { answers: answers.flat(), troubles };
}
