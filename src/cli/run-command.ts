import type { ExitCode } from '../core/error.ts';
import type { Inventory } from '../core/inventory.ts';
import type { RunRequest } from '../core/request.ts';
import type { RunResult } from '../core/result.ts';
import type { PlanKeeping } from '../core/saved-plan.ts';
import type { Secret } from '../core/secret.ts';
import { parseExtraVars } from '../load/extra-vars.ts';
import { loadInventory } from '../load/inventory.ts';
import { defaultInventory, findProject } from '../load/project.ts';
import type { CommandLine } from '../report/advice.ts';
import type { ReportForm } from '../report/create-reporter.ts';
import type { Reporter } from '../report/reporter.ts';
import type { RunCommand } from './command.ts';
import { commandLineOf } from './command-line.ts';
import { evidenceKeeper } from './evidence.ts';
import { ask, isAsked, question } from './confirm.ts';
import { fail } from './fail.ts';
import { Interrupt } from './interrupt.ts';
import { loadSite, type LoadedSite } from './load-site.ts';
import { auditOf } from './run-audit.ts';
import { watchOf } from './watch.ts';
import { lockHolder } from './who-runs.ts';
import { isCI, type World } from './world.ts';

/** What a run has to do with a file that a plan is saved in. */
export interface PlanFile {
  /** To be masked besides the inventory's. */
  readonly secrets: readonly Secret[];
  readonly commandLine: CommandLine;
  /** @throws InvalidInput this run's plan cannot be saved */
  keeping(loaded: Loaded): Promise<PlanKeeping>;
  /** @returns what a person is told before the result */
  ended?(result: RunResult, loaded: Loaded): Promise<string>;
}

/**
 * Runs a playbook, inside the lab's network when the inventory is the lab's.
 *
 * @param planFile present when the plan is saved, or was
 */
export async function runCommand(
  command: RunCommand,
  args: readonly string[],
  world: World,
  planFile?: PlanFile,
): Promise<number> {
  const started = performance.now();
  const secrets: Secret[] = [...(planFile?.secrets ?? [])];
  try {
    const inventory = await inventoryOf(command, world);
    secrets.push(...inventory.secrets);
    if (inventory.lab !== undefined) {
      const { enterLab } = await import('./enter-lab.ts');
      const options = {
        args,
        examine: () => load(command, inventory, world),
        onProgress: (line: string) => void (command.quiet || world.stderr.write(`${line}\n`)),
      };
      const exit = await enterLab(inventory.lab, { inventory, world, options });
      if (exit !== undefined) {
        return exit;
      }
    }
    const loaded = await load(command, inventory, world);
    secrets.push(...loaded.secrets);
    return await performRun(command, { ...loaded, secrets, inventory, planFile }, world);
  } catch (error) {
    const { verbosity, playbook, check } = command;
    const json = { playbook, check, ms: performance.now() - started };
    return fail(error, world, { verbosity, secrets, ...(command.json && { json }) });
  }
}

/** The inventory that a command names, or the project's. */
export async function inventoryOf(
  command: { readonly inventory: string | undefined; readonly extraVars: readonly string[] },
  { cwd, env }: World,
): Promise<Inventory> {
  const projectDir = findProject(cwd);
  const extraVars =
    command.extraVars.length === 0 ? undefined : await parseExtraVars(command.extraVars, { cwd });
  const path = command.inventory ?? (await defaultInventory(projectDir));
  return loadInventory(path, { cwd, env, projectDir, extraVars });
}

/** All that a run needs of the project. */
export type Loaded = LoadedSite & Pick<RunRequest, 'watch'>;

async function load(command: RunCommand, inventory: Inventory, world: World): Promise<Loaded> {
  const site = await loadSite(command, inventory, world);
  return { ...site, watch: watchOf(command, site.playbook, site.cluster) };
}

/** A run that is ready to begin. */
export interface ReadyRun extends Loaded, Pick<RunRequest, 'inventory' | 'only'> {
  readonly planFile?: PlanFile | undefined;
  /** How it is begun again; as the command says when left out. */
  readonly commandLine?: CommandLine;
}

/** Reads the hosts, asks, changes and tells. */
export async function performRun(
  command: RunCommand,
  { planFile, commandLine: own, ...loaded }: ReadyRun,
  world: World,
): Promise<ExitCode> {
  const saved = await planFile?.keeping(loaded);
  const commandLine = own ?? planFile?.commandLine ?? commandLineOf(command);
  const isInteractive = isAsked(command, loaded.inventory.lab !== undefined, world);
  const [{ runPlaybook }, { connect }, reporter] = await Promise.all([
    import('../run.ts'),
    import('../transport/index.ts'),
    reporterFor(command, { secrets: loaded.secrets, isInteractive, commandLine }, world),
  ]);
  let isAsking = false;
  const interrupt = new Interrupt({
    note: (line) => {
      // The cursor still stands behind the question.
      world.stderr.write(isAsking ? '\n' : '');
      reporter.note(line);
    },
    quit: (exit) => process.exit(exit),
    look: commandLine({ check: true, diff: true }),
  });
  const { signal } = interrupt;
  const request: RunRequest = {
    ...loaded,
    tags: command.tags,
    skipTags: command.skipTags,
    forks: command.forks,
    check: command.check,
    rollback: command.rollback,
    keepEvidence: evidenceKeeper(command.playbook, loaded.secrets, world.env),
    audit: command.check ? undefined : await auditOf(commandLine, loaded, world),
    waitMs: command.wait === undefined ? undefined : command.wait * 1000,
    lockHolder: lockHolder(command.playbook),
    connect,
    confirm: async (plans) => {
      await reporter.plan();
      isAsking = isInteractive;
      const isWanted = !isInteractive || (await ask(question(plans), world, signal));
      isAsking = false;
      return isWanted;
    },
    ...(saved !== undefined && { saved }),
    signal,
  };
  const stopListening = interrupt.listen();
  const fault = world.env['RUN_PLAYBOOK_FAULT'];
  const onEvent =
    fault === undefined ? undefined : (await import('./fault-hook.ts')).plantFault(fault, world.stderr);
  try {
    const result = await runPlaybook(request, (event) => {
      interrupt.hear(event);
      reporter.listener(event);
      onEvent?.(event);
    });
    const told = await planFile?.ended?.(result, loaded);
    if (told !== undefined && !command.quiet && !command.json) {
      reporter.note(told);
    }
    await reporter.end(result);
    return result.exit;
  } finally {
    await reporter.abandon();
    stopListening();
  }
}

async function reporterFor(
  command: RunCommand,
  {
    secrets,
    isInteractive,
    commandLine,
  }: {
    readonly secrets: readonly Secret[];
    readonly isInteractive: boolean;
    readonly commandLine: CommandLine;
  },
  world: World,
): Promise<Reporter> {
  const { createReporter } = await import('../report/create-reporter.ts');
  return createReporter(
    {
      form: formOf(command, world),
      diff: command.diff,
      verbosity: command.verbosity,
      command: commandLine,
      secrets,
      showsPlan: isInteractive,
    },
    world,
  );
}

/** Who is going to read: options first, then what stderr is. */
export function formOf(command: RunCommand, { stderr, env }: World): ReportForm {
  if (command.json) {
    return 'json';
  }
  if (command.quiet) {
    return 'quiet';
  }
  const isLive = stderr.isTTY && !isCI(env) && env['TERM'] !== 'dumb' && command.verbosity === 0;
  return isLive ? 'live' : 'plain';
}
