import { quote } from '../core/script.ts';
import { mask, type Secret } from '../core/secret.ts';
import { SECRETIVE } from '../core/secret-names.ts';
import type { CommandLine } from '../report/advice.ts';
import type { RunCommand } from './command.ts';

/** What of a command goes into the next one. */
type Repeated = Pick<RunCommand, 'playbook' | 'inventory' | 'limit' | 'extraVars' | 'tags' | 'skipTags'> &
  Partial<Pick<RunCommand, 'watch' | 'watchRate' | 'maxLost'>>;

/**
 * Command lines for the same hosts and variables as `command`'s, to be copied by the user.
 *
 * @param secrets may be read later than this is called
 */
export function commandLineOf(command: Repeated, secrets: readonly Secret[]): CommandLine {
  return ({ check = false, diff = false, limit = [] }) => {
    const hosts = limit.length > 0 ? limit.join(',') : command.limit;
    const words = [
      'run-playbook',
      command.playbook,
      ...(check ? ['--check'] : []),
      ...(diff ? ['--diff'] : []),
      ...(command.inventory === undefined ? [] : ['-i', command.inventory]),
      ...(hosts === undefined ? [] : ['-l', hosts]),
      ...command.extraVars.flatMap((vars) => ['-e', withoutSecrets(vars, secrets)]),
      ...command.tags.flatMap((tag) => ['-t', tag]),
      ...command.skipTags.flatMap((tag) => ['--skip-tags', tag]),
      ...(check ? [] : watchOptions(command)),
    ];
    return words.map(quote).join(' ');
  };
}

/** Nothing is watched while nothing is changed. */
function watchOptions({ watch, watchRate, maxLost }: Repeated): readonly string[] {
  return [
    ...(watch === undefined ? [] : [watch ? '--watch' : '--no-watch']),
    ...(watchRate === undefined ? [] : ['--watch-rate', String(watchRate)]),
    ...(maxLost === undefined ? [] : ['--max-lost', String(maxLost)]),
  ];
}

/** A secret given on the command line is not repeated in a log. */
function withoutSecrets(vars: string, secrets: readonly Secret[]): string {
  const isFile = vars.startsWith('@');
  return (!isFile && SECRETIVE.test(vars)) || mask(vars, secrets) !== vars ? '...' : vars;
}
