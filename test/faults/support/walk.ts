import { differences } from '../../lab/support/fingerprint.ts';
import { HOSTS } from '../../lab/support/pair.ts';
import { runIt } from './controller.ts';
import { judge, type Pair, type Strike } from './judge.ts';
import type { Done } from './row.ts';
import { standing } from './standing.ts';

/** A fault at each boundary of some. */
export interface Visit {
  readonly deed: Strike['deed'];
  /** How their names begin, such as `change-started svr1 service nginx`; every boundary when left out. */
  readonly at?: string;
  readonly delayMs?: number;
  /** All of them are met in one run, which has to bear it. */
  readonly every?: boolean;
  /** Another fault that the run meets before, as src/cli/fault-hook.ts takes it. */
  readonly first?: string;
}

type Run = readonly [playbook: string, ...options: string[]];

/** A run that brings the pair to another state, and the faults that it meets. */
export interface Way {
  readonly run: Run;
  /** By turns. A visit that several ways have is made on one of them at each boundary. */
  readonly visits: readonly Visit[];
  /** Brings the pair to where the way begins. */
  readonly prepare?: () => Promise<unknown>;
  /** After each fault: has to make the pair what it was before. */
  readonly back?: Run;
}

/** A visit on its way. */
interface Round {
  readonly visit: Visit;
  /** Boundaries that have met it. */
  readonly past: string[];
  isOver: boolean;
}

interface Walk extends Omit<Way, 'visits'> {
  readonly rounds: readonly Round[];
}

/**
 * Goes one way after the other until there is no boundary left that has not met its visits. Where a run comes to is
 * where the next one goes on from: one that is stopped or cut off has to leave each host complete or as it was, with
 * nothing on it; one that is killed leaves the rest to the next.
 */
export async function walk(name: string, ways: readonly Way[]): Promise<Done> {
  const past = new Map<Visit, string[]>(ways.flatMap(({ visits }) => visits.map((visit) => [visit, []])));
  const walks = ways.map(({ visits, ...way }): Walk => ({
    ...way,
    rounds: visits.map((visit) => ({ visit, past: past.get(visit) ?? [], isOver: false })),
  }));
  const done: Tally = { exits: [], wrong: [] };
  for (let turn = 0; walks.some(({ rounds }) => rounds.some(({ isOver }) => !isOver)); turn += 1) {
    await goOneWay(name, walks[turn % walks.length] as Walk, done);
  }
  return done;
}

type Tally = { readonly [what in keyof Done]: Done[what][number][] };

/** Ends with a run that has come there, unless something is wrong. */
async function goOneWay(name: string, way: Walk, { exits, wrong }: Tally): Promise<void> {
  await way.prepare?.();
  const complete = new Set<string>();
  const struck = new Set<Round>();
  const rounds = way.rounds.filter(({ isOver }) => !isOver);
  let before = await standing(name);
  for (let turn = 0; ; turn += 1) {
    const round = rounds[turn % rounds.length];
    const { ended, met } = await runInto(name, way.run, round);
    const [at] = met;
    const after = await standing(name);
    const about = `${round?.visit.deed}@${at}`;
    const what = judge({ deed: 'stop', ...round?.visit, at, ended, before, after, complete });
    tell(`${about}: ${ended.exit} in ${(ended.ms / 1000).toFixed(1)} s`, what);
    wrong.push(...what.map((each) => `${about}: ${each}`));
    if (round === undefined || at === undefined) {
      // One that has come there by halves before may not have met all of the way.
      if (round !== undefined && !struck.has(round)) {
        round.isOver = true;
      }
      return;
    }
    struck.add(round);
    round.past.push(...(round.visit.every === true ? met : [at]));
    exits.push(ended.exit);
    if (way.back !== undefined) {
      wrong.push(...(await goBack(name, way.back, before)).map((each) => `${about}, and then: ${each}`));
    } else if (ended.exit === 0) {
      return;
    } else {
      before = after;
      HOSTS.filter((each) => ended.boundaries.includes(`host-done ${each}`)).forEach((each) =>
        complete.add(each),
      );
    }
  }
}

/** @param round undefined: no fault is met */
async function runInto(name: string, [playbook, ...options]: Run, round: Round | undefined) {
  const fault = round === undefined ? 'count' : faultOf(round);
  const ended = await runIt(name, playbook, { options, fault });
  const met = ended.boundaries.filter((boundary) => round !== undefined && isNext(boundary, round));
  return { ended, met };
}

function isNext(boundary: string, { visit: { at = '' }, past }: Round): boolean {
  return new RegExp(`^(?:${at})`).test(boundary) && !past.includes(boundary);
}

/** As src/cli/fault-hook.ts takes it: the first boundary that begins so and is not past. */
function faultOf({ visit: { deed, at = '', delayMs = 0, every = false, first }, past }: Round): string {
  const known = past.map((boundary) => boundary.replaceAll(/[.+()]/g, '.'));
  const fault = `${deed}@${every ? 'every ' : ''}^(?!(?:${known.join('|')})$)(?:${at})${delayMs === 0 ? '' : `+${delayMs}`}`;
  return first === undefined ? fault : `${first};${fault}`;
}

async function goBack(name: string, [playbook, ...options]: Run, before: Pair): Promise<readonly string[]> {
  const { exit, stderr } = await runIt(name, playbook, { options });
  const now = await standing(name);
  return [
    ...(exit === 0 ? [] : [`the run back ended with ${exit}: ${stderr}`]),
    ...HOSTS.flatMap((host) => [
      ...differences(before[host].is, now[host].is).map((what) => `${host} is not as before: ${what}`),
      ...now[host].leftovers.map((line) => `${host} still has ${line}`),
    ]),
  ];
}

/** One line for the test's output: minutes pass before the row is done. */
function tell(what: string, wrong: readonly string[]): void {
  process.stdout.write(`    ${[what, ...wrong].join('; ')}\n`);
}
