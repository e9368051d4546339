import type { Command as Parser } from 'commander';
import { InvalidInput } from '../core/error.ts';
import type { DriftHistoryCommand, DriftShowCommand } from './command.ts';

interface Parsed {
  readonly number?: number;
  readonly inventory?: string;
  readonly json?: boolean;
}

/**
 * Adds `history` and `show ID` to the parser of `run-playbook drift`.
 *
 * @param quiet makes a parser that prints nothing itself
 */
export function driftLogOptions(
  drift: Parser,
  { quiet, count }: { readonly quiet: (parser: Parser) => Parser; readonly count: (value: string) => number },
  found: (command: DriftHistoryCommand | DriftShowCommand) => void,
): Parser {
  drift.enablePositionalOptions();
  const add = (name: string) =>
    quiet(drift.command(name))
      .option('-i, --inventory <file>')
      .option('--json')
      .hook('preAction', () => refuseOptionsBefore(name, drift));
  add('history')
    .option('-n, --number <checks>', '', count, 20)
    .action(({ number = 20, inventory, json = false }: Parsed) =>
      found({ kind: 'drift-history', number, inventory, json }),
    );
  add('show')
    .argument('<id>')
    .action((id: string, { inventory, json = false }: Parsed) =>
      found({ kind: 'drift-show', id, inventory, json }),
    );
  return drift;
}

/** `drift -q history`: the option would be ignored without a word. */
function refuseOptionsBefore(name: string, drift: Parser): void {
  const given = drift.options.find((option) => drift.getOptionValueSource(option.attributeName()) === 'cli');
  if (given !== undefined) {
    const what = `drift: ${given.long ?? given.flags} stands before ${name}`;
    throw new InvalidInput([{ what, hint: 'put it behind, or leave it out: run-playbook drift --help' }]);
  }
}
