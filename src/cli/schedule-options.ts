import type { Command as Parser } from 'commander';
import { InvalidInput } from '../core/error.ts';
import { suggestionFor } from '../core/suggest.ts';
import { SCHEDULERS, type Scheduler } from '../core/schedule.ts';
import type { ScheduleCommand } from './command.ts';

const ACTIONS = ['install', 'status', 'remove'];
const HELP = 'see run-playbook schedule --help';

interface Parsed {
  readonly inventory?: string;
  readonly every?: string;
  readonly on?: string;
  readonly metrics?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** The parser of `run-playbook schedule install|status|remove`; `quiet` makes a parser that prints nothing itself. */
export function scheduleOptions(
  schedule: Parser,
  quiet: (parser: Parser) => Parser,
  found: (command: ScheduleCommand) => void,
): Parser {
  schedule.enablePositionalOptions().argument('[action]');
  schedule.action((action: string | undefined) => {
    throw action === undefined
      ? refusal(`schedule: no action was named, one of ${ACTIONS.join(', ')}`, HELP)
      : refusal(`schedule: there is no action ${action}`, suggestionFor(action, ACTIONS, 'known') ?? HELP);
  });
  const add = (name: string) => quiet(schedule.command(name)).option('-i, --inventory <file>');
  add('install')
    .argument('[playbook]')
    .option('--every <interval>')
    .option('--on <scheduler>')
    .option('--metrics <file>')
    .option('-y, --yes')
    .action((playbook: string | undefined, { inventory, every, on, metrics, yes = false }: Parsed) => {
      if (every === undefined) {
        throw refusal('schedule install: --every is missing', 'such as: --every 15m');
      }
      found({
        kind: 'schedule',
        action: 'install',
        playbook,
        every,
        on: schedulerNamed(on),
        metrics,
        inventory,
        yes,
      });
    });
  add('status')
    .option('--json')
    .action(({ inventory, json = false }: Parsed) =>
      found({ kind: 'schedule', action: 'status', inventory, json }),
    );
  add('remove')
    .option('-y, --yes')
    .action(({ inventory, yes = false }: Parsed) =>
      found({ kind: 'schedule', action: 'remove', inventory, yes }),
    );
  return schedule;
}

function schedulerNamed(name = 'systemd'): Scheduler {
  const scheduler = SCHEDULERS.find((each) => each === name);
  if (scheduler === undefined) {
    const hint = suggestionFor(name, SCHEDULERS, 'known') ?? `one of ${SCHEDULERS.join(', ')}`;
    throw refusal(`schedule: there is no scheduler ${name}`, hint);
  }
  return scheduler;
}

function refusal(what: string, hint: string): InvalidInput {
  return new InvalidInput([{ what, hint }]);
}
