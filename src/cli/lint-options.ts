import type { Command as Parser } from 'commander';
import type { ExplainCommand, LintCommand } from './command.ts';

type Parsed = Partial<Omit<LintCommand, 'kind' | 'playbook'>>;

/** The parser of `run-playbook lint [PLAYBOOK]`. */
export function lintOptions(
  parser: Parser,
  texts: (value: string, before: readonly string[]) => readonly string[],
  found: (command: LintCommand) => void,
): Parser {
  return parser
    .argument('[playbook]')
    .option('-i, --inventory <file>')
    .option('-l, --limit <hosts>')
    .option('-e, --extra-vars <vars>', '', texts, [])
    .option('--json')
    .action((playbook: string | undefined, { inventory, limit, extraVars = [], json = false }: Parsed) =>
      found({ kind: 'lint', playbook, inventory, limit, extraVars, json }),
    );
}

/** The parser of `run-playbook explain [CODE]`. */
export function explainOptions(parser: Parser, found: (command: ExplainCommand) => void): Parser {
  return parser.argument('[code]').action((code: string | undefined) => found({ kind: 'explain', code }));
}
