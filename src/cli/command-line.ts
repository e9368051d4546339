import { quote } from '../core/script.ts';
import type { CommandLine } from '../report/advice.ts';
import type { RunCommand } from './command.ts';

/** What of a command goes into the next one. */
type Repeated = Pick<RunCommand, 'playbook' | 'inventory' | 'limit' | 'extraVars' | 'tags' | 'skipTags'> &
  Partial<Pick<RunCommand, 'watch' | 'watchRate' | 'maxLost'>> & {
    /** What is done with the playbook, when it is not run. */
    readonly verb?: 'drift';
  };

/** Command lines for the same hosts and variables as `command`'s, to be copied by the user. */
export function commandLineOf(command: Repeated): CommandLine {
  return ({ check = false, diff = false, limit = [] }) => {
    const hosts = limit.length > 0 ? limit.join(',') : command.limit;
    const words = [
      'run-playbook',
      ...(command.verb === undefined ? [] : [command.verb]),
      command.playbook,
      ...(check ? ['--check'] : []),
      ...(diff ? ['--diff'] : []),
      ...(command.inventory === undefined ? [] : ['-i', command.inventory]),
      ...(hosts === undefined ? [] : ['-l', hosts]),
      ...command.extraVars.flatMap((vars) => ['-e', withoutSecrets(vars)]),
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

/** A password given on the command line is not repeated in a log. */
function withoutSecrets(vars: string): string {
  return vars.startsWith('@') || !/pass|secret|token/i.test(vars) ? vars : '...';
}
