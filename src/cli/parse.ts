import { Command as Parser, CommanderError, InvalidArgumentError } from 'commander';
import { InvalidInput } from '../core/error.ts';
import { suggest, suggestionFor } from '../core/suggest.ts';
import type { Command, LabAction, RunCommand } from './command.ts';
import { driftLogOptions } from './drift-log-options.ts';
import { driftOptions } from './drift-options.ts';
import { drillOptions } from './drill-options.ts';
import { HELP_TOPICS, type HelpTopic } from './help-topics.ts';
import { explainOptions, lintOptions } from './lint-options.ts';
import { historyOptions, lockOptions, statusOptions } from './operate-options.ts';
import { scheduleOptions } from './schedule-options.ts';
import {
  changeOptions,
  outputOptions,
  runCommandOf,
  whatOptions,
  type ParsedOptions,
} from './run-options.ts';
import { applyOptions, planOptions } from './saved-plan-options.ts';

const LAB_ACTIONS = ['up', 'down', 'status', 'shell', 'exec'];

/**
 * The command that arguments ask for.
 *
 * @param args without node and script
 * @throws InvalidInput an unknown option, a missing or superfluous argument, a value out of range
 */
export function parse(args: readonly string[]): Command {
  if (args[0] === 'help') {
    return parse([...args.slice(1, 2), '--help']);
  }
  let command: Command | undefined;
  const program = runParser((parsed) => {
    command = parsed;
  });
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    return afterError(error, args);
  }
  if (command === undefined) {
    throw refusal('no playbook was named', 'such as: run-playbook phase1 --check');
  }
  return command;
}

type Found = (command: Command) => void;

/** The root parser; what it finds it hands to `found`. */
export function runParser(found: Found): Parser {
  const program = quiet(new Parser('run-playbook'))
    .enablePositionalOptions()
    .argument('[playbook]')
    .option('--version')
    .option('-C, --check')
    .action((playbook: string | undefined, options: ParsedOptions & { readonly version?: true }) => {
      found(options.version === true ? { kind: 'version' } : runCommand(playbook, options));
    });
  const readers = { texts: collect, names: collectList, whole: wholeNumber };
  [whatOptions, changeOptions, outputOptions].forEach((add) => add(program, readers));
  const alone: Found = (command) => {
    refuseOptionsBefore(program);
    found(command);
  };
  program.addCommand(labParser(alone));
  program.addCommand(varsParser(alone));
  program.addCommand(lintOptions(quiet(new Parser('lint')), collect, alone));
  program.addCommand(explainOptions(quiet(new Parser('explain')), alone));
  const count = wholeNumber(1, 100);
  program.addCommand(drillOptions(quiet(new Parser('drill')), { ...readers, count }, alone));
  program.addCommand(planOptions(quiet(new Parser('plan')), readers, alone));
  program.addCommand(applyOptions(quiet(new Parser('apply')), readers, alone));
  program.addCommand(statusOptions(quiet(new Parser('status')), alone));
  const records = wholeNumber(1, 100_000);
  program.addCommand(historyOptions(quiet(new Parser('history')), records, alone));
  const drift = driftOptions(quiet(new Parser('drift')), readers, alone);
  program.addCommand(driftLogOptions(drift, { quiet, count: records }, alone));
  program.addCommand(scheduleOptions(quiet(new Parser('schedule')), quiet, alone));
  program.addCommand(lockOptions(quiet(new Parser('lock')), quiet, alone));
  return program;
}

function runCommand(playbook: string | undefined, options: ParsedOptions): RunCommand {
  if (playbook === undefined) {
    throw refusal('no playbook was named', 'such as: run-playbook phase1 --check');
  }
  return runCommandOf(playbook, options);
}

interface Shared {
  readonly inventory?: string;
}

function labParser(found: Found): Parser {
  const lab = quiet(new Parser('lab')).enablePositionalOptions().argument('[action]');
  lab.action((action: string | undefined) => {
    const help = 'see run-playbook lab --help';
    throw action === undefined
      ? refusal(`lab: no action was named, one of ${LAB_ACTIONS.join(', ')}`, help)
      : refusal(`lab: there is no action ${action}`, suggestionFor(action, LAB_ACTIONS, 'known') ?? help);
  });
  const add = (name: string) =>
    quiet(lab.command(name)).enablePositionalOptions().option('-i, --inventory <file>');
  const act = ({ inventory }: Shared, action: LabAction) => found({ kind: 'lab', inventory, ...action });

  add('up').action((options: Shared) => act(options, { action: 'up' }));
  add('down')
    .option('--purge')
    .action((options: Shared & { readonly purge?: true }) =>
      act(options, { action: 'down', purge: options.purge ?? false }),
    );
  add('status').action((options: Shared) => act(options, { action: 'status' }));
  add('shell')
    .argument('<host>')
    .action((host: string, options: Shared) => act(options, { action: 'shell', host }));
  add('exec')
    .argument('<host>')
    .argument('<command...>')
    .passThroughOptions()
    .action((host: string, given: readonly string[], options: Shared) => {
      const command = given[0] === '--' ? given.slice(1) : given;
      if (command.length === 0) {
        throw refusal('lab: COMMAND is missing', 'see run-playbook lab --help');
      }
      act(options, { action: 'exec', host, command });
    });
  return lab;
}

function varsParser(found: Found): Parser {
  return quiet(new Parser('vars'))
    .argument('<host>')
    .option('-i, --inventory <file>')
    .option('-e, --extra-vars <vars>', '', collect, [])
    .option('-p, --playbook <name>')
    .action((host: string, { inventory, extraVars = [], playbook }: ParsedOptions) =>
      found({ kind: 'vars', host, inventory, extraVars, playbook }),
    );
}

function unprinted(): void {}

/** `run-playbook --check lab up`: the option would be ignored without a word. */
function refuseOptionsBefore(program: Parser): void {
  const given = program.options.find((option) => {
    return program.getOptionValueSource(option.attributeName()) === 'cli';
  });
  if (given !== undefined) {
    throw refusal(`${given.long ?? given.flags} is an option of playbooks`, 'leave it out');
  }
}

/** Errors are thrown, and neither they nor the help are printed: both have a shape of our own. */
function quiet(parser: Parser): Parser {
  return parser
    .exitOverride()
    .helpCommand(false)
    .allowExcessArguments(false)
    .configureOutput({ writeOut: unprinted, writeErr: unprinted });
}

function afterError(error: CommanderError, args: readonly string[]): Command {
  const of: HelpTopic = HELP_TOPICS.find((topic) => topic === args[0]) ?? 'run';
  if (error.code === 'commander.helpDisplayed' || error.code === 'commander.help') {
    return { kind: 'help', of };
  }
  const prefix = of === 'run' ? '' : `${of}: `;
  const [said = '', near] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = near?.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?');
  const help = `see run-playbook ${of === 'run' ? '' : `${of} `}--help`;
  if (error.code === 'commander.excessArguments' && of === 'run') {
    const operands = args.filter((arg) => !arg.startsWith('-'));
    const command = suggest(
      operands[0] ?? '',
      HELP_TOPICS.filter((topic) => topic !== 'run'),
    );
    throw command === undefined
      ? refusal('more than one playbook was named', 'one at a time')
      : refusal(`there is no command ${operands[0]}`, `did you mean ${command}?`);
  }
  throw refusal(`${prefix}${reworded(said)}`, suggestion ?? help);
}

/** Commander's messages in the words of the help, options by their long name. */
function reworded(said: string): string {
  return said
    .replace(/^unknown option '(.*)'$/, 'unknown option $1')
    .replace(/^(too many arguments) .*$/, '$1')
    .replaceAll(/option '(?:-\w, )?(--[\w-]+)(?: <[^>]*>)?'/g, '$1')
    .replace(/^(\S+) argument '(.*)' is invalid\. (.*)$/, '$1 $2: $3')
    .replace(/^(\S+) argument missing$/, '$1: a value is missing')
    .replace(/^missing required argument '(.*)'$/, (_, name: string) => `${name.toUpperCase()} is missing`)
    .replace(/ with option /, ' with ');
}

function refusal(what: string, hint: string): InvalidInput {
  return new InvalidInput([{ what, hint }]);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function collectList(value: string, before: readonly string[]): readonly string[] {
  const items = value.split(',').map((item) => item.trim());
  if (items.includes('')) {
    throw new InvalidArgumentError('expected names separated by commas');
  }
  return [...before, ...items];
}

function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (value: string) => number {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return (value) => {
    if (!/^\d+$/.test(value) || Number(value) < min || Number(value) > max) {
      throw new InvalidArgumentError(`expected a whole number ${range}`);
    }
    return Number(value);
  };
}
