import { EXIT } from '../core/error.ts';
import type { Command } from './command.ts';
import { fail } from './fail.ts';
import { processWorld, type World } from './world.ts';

/**
 * Runs what the arguments ask for.
 *
 * @param args without node and script
 * @returns the exit code; nothing is thrown
 */
export async function main(args: readonly string[], world: World): Promise<number> {
  const verbosity = args.some((arg) => /^(-v+|--verbose)$/.test(arg)) ? 1 : 0;
  try {
    const { parse } = await import('./parse.ts');
    return await perform(parse(args), args, world);
  } catch (error) {
    const json = { playbook: '', check: args.includes('--check') || args.includes('-C'), ms: 0 };
    return fail(error, world, { verbosity, secrets: [], ...(args.includes('--json') && { json }) });
  }
}

async function perform(command: Command, args: readonly string[], world: World): Promise<number> {
  switch (command.kind) {
    case 'run':
      return (await import('./run-command.ts')).runCommand(command, args, world);
    case 'lab':
      return (await import('./lab-command.ts')).labCommand(command, world);
    case 'vars':
      return (await import('./vars-command.ts')).varsCommand(command, world);
    case 'lint':
      return (await import('./lint-command.ts')).lintCommand(command, args, world);
    case 'explain':
      return (await import('./explain-command.ts')).explainCommand(command, world);
    case 'drill':
      return (await import('./drill-command.ts')).drillCommand(command, args, world);
    case 'plan':
      return (await import('./plan-command.ts')).planCommand(command, args, world);
    case 'apply':
      return (await import('./apply-command.ts')).applyCommand(command, args, world);
    case 'status':
      return (await import('./status-command.ts')).statusCommand(command, args, world);
    case 'history':
      return (await import('./history-command.ts')).historyCommand(command, args, world);
    case 'lock':
      return (await import('./lock-command.ts')).lockCommand(command, args, world);
    case 'drift':
      return (await import('./drift-command.ts')).driftCommand(command, args, world);
    case 'schedule':
      return (await import('./schedule-command.ts')).scheduleCommand(command, world);
    case 'drift-history':
    case 'drift-show':
      return (await import('./drift-log-command.ts')).driftLogCommand(command, world);
    case 'help':
      return (await import('./print-help.ts')).printHelp(command.of, world);
    case 'version':
      return (await import('./print-help.ts')).printVersion(world);
  }
}

/** Runs this process's own arguments and ends it. */
export async function launch(): Promise<never> {
  const world = processWorld();
  for (const stream of [world.stdout, world.stderr]) {
    // A reader that went away, as in `| head`, or a terminal that was closed, is no reason to leave a cluster half changed.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') {
        throw error;
      }
    });
  }
  const args = process.argv.slice(2);
  const crash = (error: unknown) => {
    const verbosity = args.some((arg) => /^(-v+|--verbose)$/.test(arg)) ? 1 : 0;
    void fail(error, world, { verbosity, secrets: [] }).then(() => process.exit(EXIT.failed));
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  const exit = await main(args, world);
  await Promise.all([world.stdout, world.stderr].map(flushed));
  // What an idle connection or timer keeps alive must not keep the user waiting.
  process.exit(exit);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
