import type { Command as Parser } from 'commander';
import { InvalidInput } from '../core/error.ts';
import type { DriftCommand } from './command.ts';
import type { ValueReaders } from './run-options.ts';

type Parsed = Partial<Omit<DriftCommand, 'kind' | 'playbook'>>;

/** The parser of `run-playbook drift [PLAYBOOK]`. */
export function driftOptions(
  parser: Parser,
  { texts, whole }: ValueReaders,
  found: (command: DriftCommand) => void,
): Parser {
  return parser
    .argument('[playbook]')
    .option('-i, --inventory <file>')
    .option('-l, --limit <hosts>')
    .option('-e, --extra-vars <vars>', '', texts, [])
    .option('-f, --forks <number>', '', whole(1), 10)
    .option('--print-sudoers <user>')
    .option('--print-probe <host>')
    .addOption(parser.createOption('--probe-user <user>').conflicts(['explain', 'fix', 'accept']))
    .option('--explain')
    .addOption(parser.createOption('--fix').conflicts('json'))
    .addOption(parser.createOption('--accept').conflicts(['json', 'fix']))
    .option('-y, --yes')
    .option('--notify')
    .option('-D, --diff')
    .addOption(parser.createOption('--json').conflicts('quiet'))
    .option('--junit <file>')
    .option('--markdown [file]')
    .option('--html <file>')
    .option('--metrics <file>')
    .option('-q, --quiet')
    .action((playbook: string | undefined, options: Parsed) => {
      refuseTwoOnStdout(options);
      found({
        kind: 'drift',
        playbook,
        inventory: options.inventory,
        limit: options.limit,
        forks: options.forks ?? 10,
        extraVars: options.extraVars ?? [],
        probeUser: options.probeUser,
        printSudoers: options.printSudoers,
        printProbe: options.printProbe,
        explain: options.explain ?? false,
        fix: options.fix ?? false,
        accept: options.accept ?? false,
        yes: options.yes ?? false,
        notify: options.notify ?? false,
        diff: options.diff ?? false,
        json: options.json ?? false,
        junit: options.junit,
        markdown: options.markdown,
        html: options.html,
        metrics: options.metrics,
        quiet: options.quiet ?? false,
      });
    });
}

/** @throws InvalidInput what is asked for has no place */
function refuseTwoOnStdout({ json, quiet, markdown }: Parsed): void {
  const hint = 'name a file: --markdown FILE';
  if (markdown === true && json === true) {
    throw new InvalidInput([{ what: 'drift: --json and --markdown would both go to stdout', hint }]);
  }
  if (markdown === true && quiet === true) {
    throw new InvalidInput([{ what: 'drift: with --quiet there is no place for --markdown', hint }]);
  }
}
