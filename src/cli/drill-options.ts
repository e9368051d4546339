import type { Command as Parser } from 'commander';
import { InvalidInput } from '../core/error.ts';
import type { DrillCommand } from './command.ts';

/** How values of options are read; the same as those of playbooks. */
export interface Readers {
  readonly names: (value: string, before: readonly string[]) => readonly string[];
  readonly texts: (value: string, before: readonly string[]) => readonly string[];
  readonly count: (value: string) => number;
}

interface Parsed extends Partial<Omit<DrillCommand, 'kind' | 'playbook'>> {
  readonly json?: boolean;
}

/** The parser of `run-playbook drill PLAYBOOK`. */
export function drillOptions(
  parser: Parser,
  { names, texts, count }: Readers,
  found: (command: DrillCommand) => void,
): Parser {
  return parser
    .argument('<playbook>')
    .option('-o, --only <faults>', '', names, [])
    .option('--list')
    .option('--repeat <number>', '', count, 1)
    .option('-y, --yes')
    .option('-i, --inventory <file>')
    .option('-e, --extra-vars <vars>', '', texts, [])
    .option('--json')
    .option('--markdown [file]')
    .action((playbook: string, options: Parsed) => {
      if (options.json === true && options.markdown === true) {
        const hint = 'name a file: --markdown FILE';
        throw new InvalidInput([{ what: 'drill: --json and --markdown would both go to stdout', hint }]);
      }
      found({
        kind: 'drill',
        playbook,
        only: options.only ?? [],
        list: options.list ?? false,
        repeat: options.repeat ?? 1,
        yes: options.yes ?? false,
        inventory: options.inventory,
        extraVars: options.extraVars ?? [],
        json: options.json ?? false,
        markdown: options.markdown,
      });
    });
}
