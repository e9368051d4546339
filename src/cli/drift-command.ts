import { randomBytes } from 'node:crypto';
import { OtherPlaybook, unmadeReport } from '../core/drift.ts';
import { EXIT, Unreachable, type ExitCode } from '../core/error.ts';
import type { DriftRequest } from '../drift/check.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Seen } from '../core/query.ts';
import type { Secret } from '../core/secret.ts';
import type { DriftCommand } from './command.ts';
import { tellDrift } from './drift-outputs.ts';
import { fail } from './fail.ts';
import { failureOf } from './failure.ts';
import { Interrupt } from './interrupt.ts';
import { lastPlaybook } from './last-playbook.ts';
import { loadSite, type LoadedSite } from './load-site.ts';
import { inventoryOf } from './run-command.ts';
import type { World } from './world.ts';

/** Compares the hosts with what is declared, and changes nothing; inside the lab's network when they are the lab's. */
export async function driftCommand(
  command: DriftCommand,
  args: readonly string[],
  world: World,
): Promise<number> {
  const secrets: Secret[] = [];
  try {
    const inventory = await inventoryOf(command, world);
    secrets.push(...inventory.secrets);
    if (inventory.lab !== undefined) {
      await refuseAbsentLab(inventory.lab);
      const { enterLab } = await import('./enter-lab.ts');
      const options = { args, examine: async () => {}, onProgress: () => {} };
      const exit = await enterLab(inventory.lab, { inventory, world, options });
      if (exit !== undefined) {
        return exit;
      }
    }
    const check = async (playbook: string, isGuess: boolean): Promise<number> => {
      const site = await loadSite({ ...command, playbook }, inventory, world);
      secrets.push(...site.secrets);
      if (command.printSudoers !== undefined || command.printProbe !== undefined) {
        const { printedAccess } = await import('./drift-probe.ts');
        world.stdout.write(printedAccess(command, { ...site, inventory }) ?? '');
        return EXIT.converged;
      }
      return perform({ ...command, playbook }, { ...site, isGuess, secrets, inventory }, world);
    };
    const { playbook } = command;
    return await (playbook === undefined
      ? check(await lastPlaybook(inventory, world), true).catch((error: unknown) =>
          // Somebody else's run, or one that has ended just now: the hosts know better.
          error instanceof OtherPlaybook ? check(error.playbook, false) : Promise.reject(error),
        )
      : check(playbook, false));
  } catch (error) {
    return failDrift(error, secrets, { command, world });
  }
}

/** A lab that is not up is not started to be compared with something. */
async function refuseAbsentLab(lab: string): Promise<void> {
  const { isLabUp } = await import('../../scripts/lab/is-up.ts');
  if (!isLabUp(lab)) {
    throw new Unreachable({ what: `the lab ${lab} is not up`, hint: 'run-playbook phase1 starts it' });
  }
}

interface Ready extends LoadedSite {
  readonly isGuess: boolean;
  readonly inventory: Inventory;
}

async function perform(command: DriftCommand, site: Ready, world: World): Promise<ExitCode> {
  const [{ checkDrift }, { driftSettings }] = await Promise.all([
    import('../drift/check.ts'),
    import('./drift-settings.ts'),
  ]);
  const interrupt = new Interrupt({
    note: (line) => void world.stderr.write(`${line}\n`),
    quit: (exit) => process.exit(exit),
    look: 'run-playbook drift',
  });
  const stopListening = interrupt.listen();
  const seen = new Map<string, Seen>();
  const access = await accessAs(command.probeUser);
  const settings = driftSettings(site.cluster);
  const { inventory, secrets } = site;
  const report = await checkDrift({
    ...site,
    ...settings,
    forks: command.forks,
    explain: command.explain,
    onSeen: (host, answers) => void seen.set(host, answers),
    ...access,
    signal: interrupt.signal,
  }).finally(stopListening);
  if (interrupt.signal.aborted) {
    // Its second reading may have come too early for it to be kept, or measured.
    await tellDrift(report, { command: { ...command, metrics: undefined }, secrets }, world);
    return EXIT.interrupted;
  }
  const { rememberCheck } = await import('./drift-remember.ts');
  const past = await rememberCheck(report, site, world);
  const exit = await tellDrift(report, { command, secrets, inventory, past }, world);
  if (command.notify) {
    const { notifyPeople } = await import('./drift-notify.ts');
    await notifyPeople(report, settings.notify, site, world);
  }
  if (command.accept) {
    return (await import('./drift-accept.ts')).acceptDrift(command, report, { ...site, seen }, world);
  }
  return command.fix ? (await import('./drift-fix.ts')).fixDrift(command, report, site, world) : exit;
}

/** How hosts are reached and read: as the inventory says, or as a user who may run the probe and nothing else. */
async function accessAs(user: string | undefined): Promise<Pick<DriftRequest, 'connect' | 'read'>> {
  const { connect } = await import('../transport/index.ts');
  if (user === undefined) {
    return { connect };
  }
  const { readRestricted } = await import('../drift/restricted.ts');
  return { connect: (target) => connect({ ...target, user }), read: readRestricted };
}

interface Telling {
  readonly command: DriftCommand;
  readonly world: World;
}

/** Whoever waits for a file or a document is told that there is no result; an older one would be taken for it. */
async function failDrift(
  error: unknown,
  secrets: readonly Secret[],
  { command, world }: Telling,
): Promise<ExitCode> {
  const exit = await fail(error, world, { verbosity: 0, secrets });
  const { troubles } = failureOf(error, 0);
  const report = unmadeReport({
    id: randomBytes(6).toString('hex'),
    at: new Date().toISOString(),
    playbook: command.playbook ?? '',
    exit,
    troubles,
  });
  await tellDrift(report, { command: { ...command, metrics: undefined }, secrets, isMade: false }, world);
  return exit;
}
