import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { figures, wallMs, type Figures } from './bench/measure.ts';
import { phase1, subjects, type Subject } from './bench/subjects.ts';
import { isLabUp, labDown, labUp } from './lab/index.ts';

/**
 * Measures start-up and a no-change run of phase 1, and beside them bare ssh with the same probe script.
 *
 * Every round measures each subject once, so that whatever else the machine does hits all of them alike.
 * It tells and never judges: wall times on a loaded machine are long, their ratios hold.
 */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  throw new TypeError(`--rounds: expected a whole number of at least 1, not ${values.rounds}`);
}
const lab = process.env['RUN_PLAYBOOK_LAB'] || 'bench';
const wasUp = isLabUp(lab);
const say = (line = '') => process.stdout.write(`${line}\n`);

try {
  await labUp({ name: lab, onProgress: say });
  say(`phase 1 applied in ${seconds(await wallMs([phase1(lab)]))}`);
  const { node, version, run, inside, curve25519, defaultKex } = await subjects(lab);
  const before = load();
  const results = await measure([node, version, run, inside, curve25519, defaultKex]);
  say();
  say(
    `${rounds} rounds, 2 hosts in lab ${lab}, Node ${process.versions.node}, ` +
      `${availableParallelism()} CPUs shared with the hosts, load ${before} before and ${load()} after`,
  );
  say();
  say(`${''.padEnd(48)}${['median', 'min', 'max'].map((head) => head.padStart(9)).join('')}`);
  for (const [{ name }, { median, min, max }] of results) {
    say(`${name.padEnd(48)}${[median, min, max].map((ms) => seconds(ms).padStart(9)).join('')}`);
  }
  say();
  for (const floor of [curve25519, defaultKex]) {
    const [ours, insideLab] = [run, inside].map((subject) => ratio(subject, floor, results));
    say(`no-change run / ${floor.name}: ${ours}, inside the lab’s network ${insideLab}`);
  }
} finally {
  if (!wasUp) {
    await labDown({ name: lab });
  }
}

async function measure(all: readonly Subject[]): Promise<ReadonlyMap<Subject, Figures>> {
  const times = new Map<Subject, number[]>(all.map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round++) {
    // Another one begins each time: nobody always runs after the same neighbour.
    for (const subject of [...all.slice(round % all.length), ...all.slice(0, round % all.length)]) {
      times.get(subject)?.push(await subject.measure());
    }
  }
  return new Map([...times].map(([subject, taken]) => [subject, figures(taken)]));
}

function ratio(above: Subject, below: Subject, results: ReadonlyMap<Subject, Figures>): string {
  const [ours = Number.NaN, floor = Number.NaN] = [above, below].map(
    (subject) => results.get(subject)?.median,
  );
  return `${(ours / floor).toFixed(2)} x`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

function load(): string {
  return loadavg()[0]?.toFixed(2) ?? 'unknown';
}
