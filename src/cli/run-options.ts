import type { Command as Parser } from 'commander';
import type { RunCommand } from './command.ts';

/** How values of options are read. */
export interface ValueReaders {
  readonly texts: (value: string, before: readonly string[]) => readonly string[];
  readonly names: (value: string, before: readonly string[]) => readonly string[];
  readonly whole: (min: number, max?: number) => (value: string) => number;
}

/** What commander makes of the options of a run. */
export type ParsedOptions = Partial<Omit<RunCommand, 'verbosity' | 'rollback'>> & {
  readonly rollback?: boolean;
  readonly rollbackBatch?: true;
  readonly verbose?: number;
};

/** Which hosts, with which variables and which part of the playbook. */
export function whatOptions(parser: Parser, { texts, names }: ValueReaders): Parser {
  return parser
    .option('-i, --inventory <file>')
    .option('-l, --limit <hosts>')
    .option('-e, --extra-vars <vars>', '', texts, [])
    .option('-t, --tags <tags>', '', names, [])
    .option('--skip-tags <tags>', '', names, []);
}

/** How hosts are changed. */
export function changeOptions(parser: Parser, { whole }: ValueReaders): Parser {
  return parser
    .option('-y, --yes')
    .option('--watch')
    .option('--no-watch')
    .option('--watch-rate <number>', '', whole(1, 1000))
    .option('--max-lost <number>', '', whole(0))
    .option('--wait <seconds>', '', whole(1, 86_400))
    .addOption(parser.createOption('--rollback-batch').conflicts('rollback'))
    .option('--no-rollback');
}

/** How many hosts are read at once, and what is told. */
export function outputOptions(parser: Parser, { whole }: ValueReaders): Parser {
  return parser
    .option('-D, --diff')
    .option('-f, --forks <number>', '', whole(1), 10)
    .option('-v, --verbose', '', (_: string, before: number) => before + 1, 0)
    .addOption(parser.createOption('--json').conflicts('quiet'))
    .addOption(parser.createOption('-q, --quiet').conflicts('verbose'));
}

/** The run that options ask for, with the defaults of those that were not given. */
export function runCommandOf(playbook: string, options: ParsedOptions): RunCommand {
  return {
    kind: 'run',
    playbook,
    check: options.check ?? false,
    diff: options.diff ?? false,
    yes: options.yes ?? false,
    inventory: options.inventory,
    limit: options.limit,
    forks: options.forks ?? 10,
    extraVars: options.extraVars ?? [],
    tags: options.tags ?? [],
    skipTags: options.skipTags ?? [],
    watch: options.watch,
    watchRate: options.watchRate,
    maxLost: options.maxLost,
    rollback: options.rollbackBatch === true ? 'batch' : options.rollback === false ? 'none' : 'host',
    wait: options.wait,
    verbosity: options.verbose ?? 0,
    json: options.json ?? false,
    quiet: options.quiet ?? false,
  };
}
