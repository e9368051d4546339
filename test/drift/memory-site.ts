import * as v from 'valibot';
import type { Connection } from '../../src/core/connection.ts';
import type { DriftReport, Observation } from '../../src/core/drift.ts';
import { Unreachable } from '../../src/core/error.ts';
import type { Host, Inventory } from '../../src/core/inventory.ts';
import type { Query } from '../../src/core/query.ts';
import { playbook, role, type ClusterHost } from '../../src/core/role.ts';
import { rawScript } from '../../src/core/script.ts';
import { checkDrift, type DriftRequest } from '../../src/drift/check.ts';
import { outputOf } from '../../src/queries/output.ts';
import { READ_LOCK } from '../../src/stages/lock.ts';
import { nameOf, seenFrom } from '../golden/observed.ts';

const NAMES = ['svr1', 'svr2'] as const;

type Name = (typeof NAMES)[number];

type Seen = Omit<Observation, 'item' | 'class' | 'expected' | 'severity'> & Partial<Observation>;

/** What there is to see at one moment. */
export interface Moment {
  readonly observations?: readonly Seen[];
  /** Who holds a host's lock. */
  readonly locks?: Partial<Record<Name, string>>;
  readonly silent?: readonly Name[];
  /** Further answers of every host, by `family key`. */
  readonly answers?: Readonly<Record<string, unknown>>;
}

const moment = outputOf(rawScript('which moment'));

/** What a drift check of two hosts reports that see one moment after the other, the last one for ever. */
export async function checked(
  moments: readonly Moment[],
  request: Partial<DriftRequest> = {},
): Promise<DriftReport & { readonly readings: number }> {
  const asked = new Map<string, number>();
  const at = (host: string) => moments[Math.min((asked.get(host) ?? 1) - 1, moments.length - 1)] ?? {};
  const web = role({
    name: 'web',
    description: '',
    vars: v.object({}),
    resources: () => [],
    inspect: () => ({
      reads: () => ({ moment }),
      judge: (seen) => {
        const [host = ''] = seen.keys();
        return (at(host).observations ?? []).map((one) => ({
          item: 'a thing',
          class: 'task',
          severity: 'drift',
          expected: 'fine',
          ...one,
        }));
      },
    }),
  });
  const read = async ({ host }: Connection, queries: readonly Query<unknown>[]) => {
    asked.set(host, (asked.get(host) ?? 0) + 1);
    const { silent = [], locks = {}, answers = {} } = at(host);
    if (silent.includes(host as Name)) {
      throw new Unreachable({ host, what: 'does not answer' });
    }
    const lock = locks[host as Name];
    const stdout = lock === undefined ? '\n' : `12 \n${lock}`;
    const given = new Map<string, unknown>([
      [nameOf(outputOf(READ_LOCK)), { exit: 0, stdout }],
      ...Object.entries(answers),
    ]);
    return seenFrom(queries, given);
  };
  const cluster = NAMES.map((name): ClusterHost => ({
    name,
    address: '192.0.2.1',
    groups: [],
    vars: new Map(),
  }));
  const report = await checkDrift({
    playbook: playbook({ name: 'site', description: '', hosts: 'web', roles: [web] }),
    inventory: inventoryOf(),
    cluster,
    selected: NAMES,
    forks: 2,
    connect: async ({ host }) => ({ host, close: async () => {} }) as Connection,
    ignore: [],
    maintenance: [],
    read,
    ...request,
  });
  return { ...report, readings: Math.max(...asked.values()) };
}

function inventoryOf(): Inventory {
  const entries = NAMES.map((name) => [name, { name, target: { host: name } } as Host] as const);
  return {
    source: 'memory',
    hosts: new Map(entries),
    groups: new Map(),
    secrets: [],
    lab: undefined,
  } as Inventory;
}
