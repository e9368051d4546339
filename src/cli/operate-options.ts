import type { Command as Parser } from 'commander';
import { InvalidInput } from '../core/error.ts';
import { suggestionFor } from '../core/suggest.ts';
import type { HistoryCommand, LockCommand, StatusCommand } from './command.ts';

const ACTIONS = ['status', 'release'];

interface Parsed {
  readonly inventory?: string;
  readonly limit?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly number?: number;
}

/** The parser of `run-playbook status`. */
export function statusOptions(parser: Parser, found: (command: StatusCommand) => void): Parser {
  return parser
    .option('-i, --inventory <file>')
    .option('-l, --limit <hosts>')
    .option('--json')
    .action(({ inventory, limit, json = false }: Parsed) =>
      found({ kind: 'status', inventory, limit, json }),
    );
}

/** The parser of `run-playbook history [HOST]`. */
export function historyOptions(
  parser: Parser,
  count: (value: string) => number,
  found: (command: HistoryCommand) => void,
): Parser {
  return parser
    .argument('[host]')
    .option('-n, --number <runs>', '', count, 20)
    .option('-i, --inventory <file>')
    .option('--json')
    .action((host: string | undefined, { inventory, number = 20, json = false }: Parsed) =>
      found({ kind: 'history', host, number, inventory, json }),
    );
}

/** The parser of `run-playbook lock status|release`; `quiet` makes a parser that prints nothing itself. */
export function lockOptions(
  lock: Parser,
  quiet: (parser: Parser) => Parser,
  found: (command: LockCommand) => void,
): Parser {
  const help = 'see run-playbook lock --help';
  lock.enablePositionalOptions().argument('[action]');
  lock.action((action: string | undefined) => {
    throw action === undefined
      ? refusal(`lock: no action was named, one of ${ACTIONS.join(', ')}`, help)
      : refusal(`lock: there is no action ${action}`, suggestionFor(action, ACTIONS, 'known') ?? help);
  });
  const add = (name: string) => quiet(lock.command(name)).option('-i, --inventory <file>');
  add('status')
    .argument('[hosts...]')
    .option('--json')
    .action((hosts: readonly string[], { inventory, json = false }: Parsed) =>
      found({ kind: 'lock', action: 'status', hosts, inventory, json }),
    );
  add('release')
    .argument('<hosts...>')
    .option('--force')
    .option('-y, --yes')
    .action((hosts: readonly string[], { inventory, yes = false, force = false }: Parsed) => {
      if (!force) {
        const what = 'lock release: a lock that is held belongs to a run, which is thrown out';
        throw refusal(what, 'look first: run-playbook lock status; add --force if that is wanted');
      }
      found({ kind: 'lock', action: 'release', hosts, inventory, yes });
    });
  return lock;
}

function refusal(what: string, hint: string): InvalidInput {
  return new InvalidInput([{ what, hint }]);
}
