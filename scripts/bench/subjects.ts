import { buildProbe } from '../../src/core/probe.ts';
import { bindVars } from '../../src/load/bind-vars.ts';
import { loadInventory } from '../../src/load/inventory.ts';
import { loadPlaybook } from '../../src/load/playbook.ts';
import { packageDir } from '../../src/load/project.ts';
import { selectHosts } from '../../src/load/select-hosts.ts';
import { assemble, type Member } from '../../src/stages/assemble.ts';
import { enterCommand, labPaths } from '../lab/paths.ts';
import { wallMs, type Timed } from './measure.ts';

/** One thing that is measured, once in each round. */
export interface Subject {
  readonly name: string;
  /** @returns wall time in milliseconds */
  measure(): Promise<number>;
}

export interface Subjects {
  /** The floor below every start. */
  readonly node: Subject;
  readonly version: Subject;
  /** As a user calls it: it starts itself again inside the lab's network. */
  readonly run: Subject;
  /** As with hosts of one's own: one process. */
  readonly inside: Subject;
  readonly curve25519: Subject;
  readonly defaultKex: Subject;
}

const CLI = [process.execPath, `${packageDir}/bin/run-playbook.js`];
const INVENTORY = `${packageDir}/inventory/hosts.yml`;

/** Ours, and the floor below it: bare ssh to the same hosts at the same time, with the very same probe script. */
export async function subjects(lab: string): Promise<Subjects> {
  const members = await membersOf(lab);
  const run = phase1(lab);
  const ssh = (...options: readonly string[]) => members.map((member) => sshWithProbe(lab, member, options));
  return {
    node: subject('node, doing nothing', [{ argv: [process.execPath, '-e', ''] }]),
    version: subject('run-playbook --version', [{ argv: [...CLI, '--version'] }]),
    run: subject('run-playbook phase1, nothing to change', [run]),
    inside: subject('  the same, started inside the lab’s network', [
      { ...run, argv: enterCommand(lab, run.argv) },
    ]),
    curve25519: subject('ssh + probe script, curve25519-sha256', ssh('KexAlgorithms=curve25519-sha256')),
    defaultKex: subject('ssh + probe script, default key exchange', ssh()),
  };
}

/** Phase 1 on the lab's hosts. */
export function phase1(lab: string): Timed {
  const argv = [...CLI, 'phase1', '--yes', '--quiet', '-i', INVENTORY];
  return { argv, env: { ...process.env, RUN_PLAYBOOK_LAB: lab } };
}

function subject(name: string, processes: readonly Timed[]): Subject {
  return { name, measure: () => wallMs(processes) };
}

/** The hosts as a run sees them, with everything it reads. */
async function membersOf(lab: string): Promise<readonly Member[]> {
  const env = { ...process.env, RUN_PLAYBOOK_LAB: lab };
  const [inventory, playbook] = await Promise.all([
    loadInventory(INVENTORY, { env }),
    loadPlaybook('phase1', packageDir),
  ]);
  const hostNames = selectHosts(inventory, playbook.hosts);
  const cluster = bindVars(playbook, inventory, { hostNames });
  return assemble(playbook, inventory, cluster, hostNames).members;
}

function sshWithProbe(lab: string, { target, queries }: Member, options: readonly string[]): Timed {
  const { privateKey, knownHosts } = labPaths(lab);
  const all = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHosts}`,
    ...options,
  ];
  const ssh = ['ssh', '-F', 'none', '-i', privateKey, ...all.flatMap((option) => ['-o', option])];
  return {
    argv: enterCommand(lab, [...ssh, `${target.user}@${target.address}`, 'exec sudo -n sh']),
    stdin: buildProbe(queries, 'bench').script.text,
  };
}
