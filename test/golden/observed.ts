import type { Query, Seen } from '../../src/core/query.ts';
import type { AccountState } from '../../src/queries/account.ts';
import type { FileState } from '../../src/queries/file.ts';
import type { Output } from '../../src/queries/output.ts';
import type { PackageState } from '../../src/queries/package.ts';
import type { UnitState } from '../../src/queries/unit.ts';
import type { Data } from './case.ts';

/** Answers by `family key`: `file /etc/motd`, `unit nginx.service`. */
export type Answers = ReadonlyMap<string, unknown>;

export const RUNNING: UnitState = {
  load: 'loaded',
  active: 'active',
  sub: 'running',
  unitFile: 'enabled',
  fragment: '/lib/systemd/system/the.service',
  dropIns: [],
  needsDaemonReload: false,
  restarts: 0,
};

const NO_UNIT: UnitState = {
  ...RUNNING,
  load: 'not-found',
  active: 'inactive',
  sub: 'dead',
  unitFile: '',
  fragment: '',
};

const FACTS = {
  os: 'debian',
  osVersion: '12',
  systemd: true,
  interfaces: [
    { name: 'lo', addresses: ['127.0.0.1/8'] },
    { name: 'host0', addresses: ['172.25.254.131/24'] },
  ],
};

/** What a family answers on a host that has nothing yet. */
const BARE: Readonly<Record<string, (key: string) => unknown>> = {
  file: (): FileState => ({ type: 'absent' }),
  directory: (): readonly string[] => [],
  unit: (): UnitState => NO_UNIT,
  package: (): PackageState => ({ installed: undefined, held: false, candidate: '1.0-1' }),
  account: (): AccountState => ({ exists: false, home: '', shell: '' }),
  sysctl: () => '0',
  output: (): Output => ({ exit: 1, stdout: '' }),
  facts: () => FACTS,
  listeners: () => [],
};

/** How the short form of an answer in a case file reads in full. */
const IN_FULL: Readonly<Record<string, (written: unknown) => unknown>> = {
  file: fileState,
  unit: (written) => (written === 'running' ? RUNNING : { ...RUNNING, ...(written as Partial<UnitState>) }),
  package: (written): PackageState => ({
    installed: undefined,
    held: false,
    candidate: undefined,
    ...(typeof written === 'string' ? { installed: written } : (written as Partial<PackageState>)),
  }),
  account: (written): AccountState => ({ exists: true, home: '', shell: '', ...(written as Data) }),
  sysctl: (written) => (written === 'unknown' ? undefined : written),
  output: (written): Output => ({ exit: 0, stdout: '', ...(written as Data) }),
  facts: (written) => ({ ...FACTS, ...(written as Data) }),
};

/** The `observed` part of a case, its short forms written out. */
export function writtenAnswers(observed: Data = {}): Answers {
  return new Map(
    Object.entries(observed).map(([name, written]) => {
      const [family = ''] = name.split(' ');
      const answer = written === 'absent' ? BARE[family]?.(name) : (IN_FULL[family]?.(written) ?? written);
      return [name, answer];
    }),
  );
}

/**
 * What a host answers to `queries`: as written, and as a bare host where nothing is written.
 *
 * @throws Error something is written that nobody asks
 */
export function seenFrom(queries: readonly Query<unknown>[], answers: Answers): Seen {
  const asked = new Set(queries.map(nameOf));
  const stray = [...answers.keys()].find((name) => !asked.has(name));
  if (stray !== undefined) {
    throw new Error(`observed "${stray}", but only this is read:\n${[...asked].join('\n')}`);
  }
  return {
    answer<T>(query: Query<T>): T {
      const name = nameOf(query);
      if (!asked.has(name)) {
        throw new Error(`${name} is used, but not among what is read`);
      }
      return (answers.has(name) ? answers.get(name) : BARE[query.family.name]?.(query.key)) as T;
    },
  };
}

export function nameOf({ family, key }: Query<unknown>): string {
  return `${family.name} ${key}`;
}

function fileState(written: unknown): FileState {
  const { type = 'file', ...rest } = written as Data;
  if (type !== 'file') {
    const access = type === 'directory' ? { mode: '0755', owner: 'root', group: 'root' } : {};
    return { type, ...access, ...rest } as FileState;
  }
  const { content, sizeBytes } = rest as { readonly content?: string; readonly sizeBytes?: number };
  const bytes = content === undefined ? undefined : Buffer.from(content);
  return {
    type: 'file',
    mode: '0644',
    owner: 'root',
    group: 'root',
    modifiedAt: 1000,
    ...rest,
    sizeBytes: sizeBytes ?? bytes?.length ?? 0,
    content: bytes,
  };
}
