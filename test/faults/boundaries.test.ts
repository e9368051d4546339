import { afterAll, beforeAll, describe, test } from 'vitest';
import { labUp, reset } from '../../scripts/lab/index.ts';
import { cannotRunLab, HOSTS, type HostName } from '../lab/support/pair.ts';
import { aftermath } from './support/aftermath.ts';
import { bringUp, faultLab, takeDown } from './support/fault-lab.ts';
import { row, type Limits } from './support/row.ts';
import { walk, type Visit, type Way } from './support/walk.ts';

const LIMIT_MS = 30 * 60_000;

function options(...vars: readonly object[]): readonly string[] {
  return vars.flatMap((each) => ['-e', JSON.stringify(each)]);
}

/** Something else for nginx and for keepalived, none of which needs a restart. */
const CHANGED = options(
  { nginx: { keepalive_timeout: 30 } },
  { keepalived: { garp: { master_refresh: 20 } } },
);

/** What both hosts have to agree on. */
const AGREED = options({ keepalived: { version: 2, advert_int: 1 } });

/** HAProxy on port 80 of the virtual IP, where nginx was. */
const FRONT = options({ haproxy: { frontends: { 'http-in': { bind: ['vip:80', '*:8000'] } } } });

/** In the middle of what a host's first changes are taken back. */
const STOPPED = 'stop@change-started \\S+ files keepalived';

interface Row {
  readonly about: string;
  readonly ways: readonly Way[];
  /** Undefined where nothing serves before. */
  readonly limits: Limits | undefined;
}

/** The same faults on the way there and on the way back, which are alike. */
function thereAndBack(there: readonly string[], visit: Visit): readonly Way[] {
  return [
    { run: ['phase1', ...there], visits: [visit] },
    { run: ['phase1'], visits: [visit] },
  ];
}

const NONE_LOST: Limits = { lost: 0 };

const CHANGES: readonly Row[] = [
  { about: 'killed at each boundary', visit: { deed: 'kill' as const } },
  {
    about: 'killed within each change',
    visit: { deed: 'kill' as const, at: 'change-started', delayMs: 150 },
  },
  {
    about: 'cut off at the beginning and the end of each change',
    visit: { deed: 'cut' as const, at: 'change' },
  },
  {
    about: 'cut off at every other boundary',
    visit: { deed: 'cut' as const, at: 'planned|host|check', every: true },
  },
  {
    about: 'cut off within each change',
    visit: { deed: 'cut' as const, at: 'change-started', delayMs: 50 },
  },
  { about: 'interrupted at each boundary', visit: { deed: 'stop' as const } },
].map(({ about, visit }) => ({ about, ways: thereAndBack(CHANGED, visit), limits: NONE_LOST }));

const ROLLBACKS: readonly Row[] = (['kill', 'cut'] as const).map((deed) => ({
  about: `${deed === 'kill' ? 'killed' : 'cut off'} at each step back`,
  ways: [
    {
      run: ['phase1', ...CHANGED],
      visits: [{ deed, first: STOPPED, at: 'rollback|change-undone' }],
      back: ['phase1'],
    },
  ],
  limits: NONE_LOST,
}));

const LOCKSTEP: readonly Row[] = (
  [
    ['kill', 'killed'],
    ['cut', 'cut off'],
    ['stop', 'interrupted'],
  ] as const
).map(([deed, about]) => ({
  about: `a change in lockstep, ${about} at each change`,
  ways: thereAndBack(AGREED, { deed, at: 'change|host-done' }),
  limits: NONE_LOST,
}));

/** What there is of HAProxy on the way to phase 2, and what goes on the way back. */
const PHASE2: readonly Row[] = (
  [
    ['killed at each boundary', { deed: 'kill' }],
    ['cut off within each change', { deed: 'cut', at: 'change-started', delayMs: 50 }],
    ['interrupted in each change', { deed: 'stop', at: 'change-started' }],
  ] as const
).map(([about, visit]) => ({
  about: `phase 2 on a phase 1 pair and back, ${about}`,
  ways: [
    { run: ['phase2'], visits: [{ ...visit }] },
    { run: ['phase1'], visits: [{ at: 'change', ...visit }] },
  ],
  limits: NONE_LOST,
}));

const PORTS: Row = {
  about: 'port 80 given to HAProxy and taken back, killed at each change',
  ways: [
    { run: ['phase2', '--max-lost', '1000', ...FRONT], visits: [{ deed: 'kill', at: 'change' }] },
    { run: ['phase1'], visits: [{ deed: 'kill', at: 'change' }] },
  ],
  limits: { lost: 100 },
};

function bare(lab: string, host: HostName, others: readonly HostName[]): Row {
  const visit = (deed: Visit['deed'], at: string): Visit => ({ deed, at: `${at}\\S* ${host}` });
  return {
    about: `a bare ${host}, ${others.length === 0 ? 'and nothing beside it' : `beside ${others.join()}`}, killed, cut off, interrupted`,
    ways: [
      {
        run: ['phase1'],
        visits: [visit('cut', 'change'), visit('stop', 'change-started'), visit('kill', '')],
        prepare: () =>
          Promise.all(HOSTS.filter((each) => !others.includes(each)).map((each) => reset(lab, each))),
      },
    ],
    limits: others.length === 0 ? undefined : NONE_LOST,
  };
}

/** `%s` shows a text whole, `$about` does not. */
function named(all: readonly Row[]): [about: string, row: Row][] {
  return all.map((each) => [each.about, each]);
}

async function rows(lab: string, { about, ways, limits }: Row): Promise<void> {
  await row(lab, about, limits, async () => {
    const { exits, wrong } = await walk(lab, ways);
    return { exits, wrong: [...wrong, ...(await aftermath(lab, 'phase1'))] };
  });
}

describe.skipIf(cannotRunLab)('a run that changes a pair', () => {
  const LAB = faultLab('boundaries');
  beforeAll(() => bringUp(LAB));
  afterAll(() => takeDown(LAB));

  test.each(named([...CHANGES, ...ROLLBACKS, ...LOCKSTEP]))(
    '%s: the service goes on, and the next run knows where it stands',
    (_, each) => rows(LAB, each),
    LIMIT_MS,
  );
});

describe.skipIf(cannotRunLab)('a run to phase 2 and back', () => {
  const LAB = faultLab('boundaries-phase2');
  beforeAll(() => bringUp(LAB));
  afterAll(() => takeDown(LAB));

  test.each(named([...PHASE2, PORTS]))(
    '%s: the service goes on, and the next run knows where it stands',
    (_, each) => rows(LAB, each),
    LIMIT_MS,
  );
});

describe.skipIf(cannotRunLab)('the first run on bare hosts', () => {
  const LAB = faultLab('boundaries-bare');
  beforeAll(() => labUp({ name: LAB }));
  afterAll(() => takeDown(LAB));

  test.each(named([bare(LAB, 'svr1', []), bare(LAB, 'svr2', ['svr1'])]))(
    '%s: the next run knows where it stands',
    (_, each) => rows(LAB, each),
    LIMIT_MS,
  );
});
