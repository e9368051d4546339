import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labDown, labUp } from '../../scripts/lab/index.ts';
import { cannotRunLab } from '../lab/support/pair.ts';
import { aftermath } from './support/aftermath.ts';
import { runIt } from './support/controller.ts';
import { row, type Done, type Limits } from './support/row.ts';

const LAB = process.env['RUN_PLAYBOOK_FAULT_LAB'] ?? `t-boundaries-${process.pid}`;

/** Something else for nginx and for keepalived, none of which needs a restart. */
const CHANGED = [
  { nginx: { keepalive_timeout: 30 } },
  { keepalived: { garp: { master_refresh: 20 } } },
].flatMap((vars) => ['-e', JSON.stringify(vars)]);

/** Two states of a pair: each is what the other one is changed to. */
interface Sides {
  readonly there: readonly [playbook: string, ...options: string[]];
  readonly back: readonly [playbook: string, ...options: string[]];
}

const SIDES: readonly (Sides & { readonly about: string; readonly limits: Limits })[] = [
  {
    about: 'phase 1 on a changed pair',
    there: ['phase1', ...CHANGED],
    back: ['phase1'],
    limits: { lost: 0 },
  },
  {
    about: 'phase 2 on a phase 1 pair, and of the way back',
    there: ['phase2'],
    back: ['phase1'],
    limits: { lost: 2 },
  },
];

const DEEDS = [
  { deed: 'kill', about: 'the controller killed at each boundary', exits: [137], when: '' },
  { deed: 'kill', about: 'the controller killed within each change', exits: [137, 0], when: '+150' },
  { deed: 'cut', about: 'the connections cut at each boundary', exits: [0, 1, 3, 4], when: '' },
  { deed: 'cut', about: 'the connections cut within each change', exits: [0, 1, 3, 4], when: '+150' },
  { deed: 'stop', about: 'interrupted at each boundary', exits: [130], when: '' },
] as const;

type Deed = (typeof DEEDS)[number];

/** Plants a fault at one boundary after the other until a run has no more of them. */
async function everyBoundary({ there, back }: Sides, { deed, when, exits: allowed }: Deed): Promise<Done> {
  const exits: number[] = [];
  const wrong: string[] = [];
  for (let boundary = 1; ; boundary += 1) {
    const [playbook, ...options] = boundary % 2 === 1 ? there : back;
    const fault = `${deed}@${boundary}${when}`;
    const met = await runIt(LAB, playbook, { options, fault });
    const at = `${fault} ${met.boundaries[boundary - 1]}`;
    const after = await aftermath(LAB, playbook, options);
    wrong.push(...after.map((what) => `${at}: ${what}`));
    if (met.boundaries.length < boundary) {
      break;
    }
    exits.push(met.exit);
    if (!(allowed as readonly number[]).includes(met.exit)) {
      wrong.push(`${at}: ended with ${met.exit}: ${met.stderr}`);
    }
  }
  // Back to where the next row begins.
  const [playbook, ...options] = back;
  wrong.push(...(await aftermath(LAB, playbook, options)));
  return { exits, wrong };
}

describe.skipIf(cannotRunLab)('at every step boundary', () => {
  beforeAll(async () => {
    await labUp({ name: LAB });
    expect(await runIt(LAB, 'phase1')).toMatchObject({ exit: 0 });
  });

  afterAll(() => process.env['RUN_PLAYBOOK_FAULT_LAB'] === undefined && labDown({ name: LAB }));

  describe.each(SIDES)('of $about', (sides) => {
    test.each(DEEDS)(
      '$about: the next run converges',
      async (deed) => {
        await row(LAB, `${deed.about} of ${sides.about}`, sides.limits, () => everyBoundary(sides, deed));
      },
      30 * 60_000,
    );
  });
});
