import type { Command as Parser } from 'commander';
import { InvalidInput } from '../core/error.ts';
import type { ApplyCommand, PlanCommand } from './command.ts';
import {
  changeOptions,
  outputOptions,
  runCommandOf,
  whatOptions,
  type ParsedOptions,
  type ValueReaders,
} from './run-options.ts';

/** The parser of `run-playbook plan PLAYBOOK -o FILE`. */
export function planOptions(
  parser: Parser,
  readers: ValueReaders,
  found: (command: PlanCommand) => void,
): Parser {
  whatOptions(parser, readers);
  outputOptions(parser, readers);
  return parser
    .argument('<playbook>')
    .option('-o, --output <file>')
    .option('--sign <keyfile>')
    .action(
      (playbook: string, options: ParsedOptions & { readonly output?: string; readonly sign?: string }) => {
        if (options.output === undefined) {
          const hint = `such as: run-playbook plan ${playbook} -o ${playbook}.plan`;
          throw new InvalidInput([{ what: 'plan: no file was named to save the plan in', hint }]);
        }
        const run = runCommandOf(playbook, { ...options, check: true });
        found({ kind: 'plan', run, output: options.output, sign: options.sign });
      },
    );
}

/** The parser of `run-playbook apply FILE`. */
export function applyOptions(
  parser: Parser,
  readers: ValueReaders,
  found: (command: ApplyCommand) => void,
): Parser {
  changeOptions(parser, readers);
  outputOptions(parser, readers);
  return parser
    .argument('<file>')
    .option('-C, --check')
    .option('--require-signed-by <keyfile>')
    .action((file: string, options: ParsedOptions & { readonly requireSignedBy?: string }) =>
      found({
        kind: 'apply',
        file,
        requireSignedBy: options.requireSignedBy,
        how: runCommandOf('', options),
      }),
    );
}
