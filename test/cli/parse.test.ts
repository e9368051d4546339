import { describe, expect, it } from 'vitest';
import type { Command, DrillCommand, RunCommand } from '../../src/cli/command.ts';
import { parse } from '../../src/cli/parse.ts';
import { InvalidInput } from '../../src/core/error.ts';

const RUN: RunCommand = {
  kind: 'run',
  playbook: 'phase1',
  check: false,
  diff: false,
  yes: false,
  inventory: undefined,
  limit: undefined,
  forks: 10,
  rollback: 'host',
  extraVars: [],
  tags: [],
  skipTags: [],
  watch: undefined,
  watchRate: undefined,
  maxLost: undefined,
  wait: undefined,
  verbosity: 0,
  json: false,
  quiet: false,
};
const LAB = { kind: 'lab', inventory: undefined } as const;
const VARS = {
  kind: 'vars',
  host: 'svr1',
  inventory: undefined,
  extraVars: [],
  playbook: undefined,
} as const;

const LINT = {
  kind: 'lint',
  playbook: undefined,
  inventory: undefined,
  limit: undefined,
  extraVars: [],
  json: false,
} as const;

const STATUS = { kind: 'status', inventory: undefined, limit: undefined, json: false } as const;

const HISTORY = {
  kind: 'history',
  host: undefined,
  number: 20,
  inventory: undefined,
  json: false,
} as const;

const DRIFT = {
  kind: 'drift',
  playbook: undefined,
  inventory: undefined,
  limit: undefined,
  forks: 10,
  extraVars: [],
  probeUser: undefined,
  printSudoers: undefined,
  printProbe: undefined,
  explain: false,
  fix: false,
  accept: false,
  yes: false,
  notify: false,
  diff: false,
  json: false,
  junit: undefined,
  markdown: undefined,
  html: undefined,
  metrics: undefined,
  quiet: false,
} as const;
const DRIFT_LOG = { inventory: undefined, json: false } as const;

const LOCK = { kind: 'lock', hosts: [], inventory: undefined } as const;
const DRILL: DrillCommand = {
  kind: 'drill',
  playbook: 'phase1',
  only: [],
  list: false,
  repeat: 1,
  yes: false,
  inventory: undefined,
  extraVars: [],
  json: false,
  markdown: undefined,
};

const ACCEPTED: readonly (readonly [string, Command])[] = [
  ['phase1', RUN],
  ['phase1 --check --diff', { ...RUN, check: true, diff: true }],
  ['phase1 -CD', { ...RUN, check: true, diff: true }],
  ['--check phase1', { ...RUN, check: true }],
  ['phase1 -y', { ...RUN, yes: true }],
  ['phase1 -i other.yml', { ...RUN, inventory: 'other.yml' }],
  ['phase1 --inventory=other.yml', { ...RUN, inventory: 'other.yml' }],
  ['phase1 -l svr1,svr2', { ...RUN, limit: 'svr1,svr2' }],
  ['phase1 -lsvr1', { ...RUN, limit: 'svr1' }],
  ['phase1 --limit !svr1', { ...RUN, limit: '!svr1' }],
  ['phase1 --rollback-batch', { ...RUN, rollback: 'batch' }],
  ['phase1 --no-rollback', { ...RUN, rollback: 'none' }],
  ['phase1 -f 25', { ...RUN, forks: 25 }],
  ['phase1 -e a=1 -e @b.yml', { ...RUN, extraVars: ['a=1', '@b.yml'] }],
  ['phase1 -e {"a":-1}', { ...RUN, extraVars: ['{"a":-1}'] }],
  ['phase1 -t nginx,service -t files', { ...RUN, tags: ['nginx', 'service', 'files'] }],
  ['phase1 --skip-tags nginx', { ...RUN, skipTags: ['nginx'] }],
  ['phase1 --watch', { ...RUN, watch: true }],
  ['phase1 --no-watch', { ...RUN, watch: false }],
  ['phase1 --watch --watch-rate 1000 --max-lost 0', { ...RUN, watch: true, watchRate: 1000, maxLost: 0 }],
  ['phase1 --wait 600', { ...RUN, wait: 600 }],
  ['phase1 -v', { ...RUN, verbosity: 1 }],
  ['phase1 -vv', { ...RUN, verbosity: 2 }],
  ['phase1 -v --verbose', { ...RUN, verbosity: 2 }],
  ['phase1 --json', { ...RUN, json: true }],
  ['phase1 -q', { ...RUN, quiet: true }],
  ['./deploy/web.ts', { ...RUN, playbook: './deploy/web.ts' }],
  ['-- phase1', RUN],
  ['lab up', { ...LAB, action: 'up' }],
  ['lab up -i other.yml', { ...LAB, inventory: 'other.yml', action: 'up' }],
  ['lab down', { ...LAB, action: 'down', purge: false }],
  ['lab down --purge', { ...LAB, action: 'down', purge: true }],
  ['lab status', { ...LAB, action: 'status' }],
  ['lab shell svr1', { ...LAB, action: 'shell', host: 'svr1' }],
  [
    'lab exec svr1 -- ip -o address',
    { ...LAB, action: 'exec', host: 'svr1', command: ['ip', '-o', 'address'] },
  ],
  ['lab exec svr1 ls --help', { ...LAB, action: 'exec', host: 'svr1', command: ['ls', '--help'] }],
  ['vars svr1', VARS],
  ['vars svr1 -p phase1 -e a=1', { ...VARS, playbook: 'phase1', extraVars: ['a=1'] }],
  ['lint', LINT],
  ['lint phase2', { ...LINT, playbook: 'phase2' }],
  [
    'lint phase2 -i other.yml -l svr1 -e a=1 -e @b.yml --json',
    {
      ...LINT,
      playbook: 'phase2',
      inventory: 'other.yml',
      limit: 'svr1',
      extraVars: ['a=1', '@b.yml'],
      json: true,
    },
  ],
  ['status', STATUS],
  ['status -i other.yml -l svr1 --json', { ...STATUS, inventory: 'other.yml', limit: 'svr1', json: true }],
  ['history', HISTORY],
  ['history svr1 -n 5 --json', { ...HISTORY, host: 'svr1', number: 5, json: true }],
  ['drift', DRIFT],
  [
    'drift phase1 -q --metrics drift.prom',
    { ...DRIFT, playbook: 'phase1', quiet: true, metrics: 'drift.prom' },
  ],
  ['drift ./history', { ...DRIFT, playbook: './history' }],
  ['drift history', { kind: 'drift-history', number: 20, ...DRIFT_LOG }],
  [
    'drift history -n 5 -i other.yml --json',
    { kind: 'drift-history', number: 5, inventory: 'other.yml', json: true },
  ],
  ['drift show dbef', { kind: 'drift-show', id: 'dbef', ...DRIFT_LOG }],
  ['drift show --json dbef', { kind: 'drift-show', id: 'dbef', inventory: undefined, json: true }],
  ['drift history --help', { kind: 'help', of: 'drift' }],
  ['help drift', { kind: 'help', of: 'drift' }],
  ['lock status', { ...LOCK, action: 'status', json: false }],
  ['lock status svr1 svr2 --json', { ...LOCK, action: 'status', hosts: ['svr1', 'svr2'], json: true }],
  ['lock release --force svr1', { ...LOCK, action: 'release', hosts: ['svr1'], yes: false }],
  ['lock release svr1 --force -y', { ...LOCK, action: 'release', hosts: ['svr1'], yes: true }],
  ['lock release --help', { kind: 'help', of: 'lock' }],
  ['explain', { kind: 'explain', code: undefined }],
  ['explain HA101', { kind: 'explain', code: 'HA101' }],
  ['lint --help', { kind: 'help', of: 'lint' }],
  ['help explain', { kind: 'help', of: 'explain' }],
  ['drill phase1', DRILL],
  ['drill phase1 --list', { ...DRILL, list: true }],
  ['drill phase1 -o reboot,freeze --only stop-nginx', { ...DRILL, only: ['reboot', 'freeze', 'stop-nginx'] }],
  ['drill --repeat 3 -y phase1 -i other.yml', { ...DRILL, repeat: 3, yes: true, inventory: 'other.yml' }],
  ['drill phase1 -e drill.rate=50 --json', { ...DRILL, extraVars: ['drill.rate=50'], json: true }],
  ['drill phase1 --markdown', { ...DRILL, markdown: true }],
  ['drill phase1 --markdown drill.md', { ...DRILL, markdown: 'drill.md' }],
  ['drill --help', { kind: 'help', of: 'drill' }],
  ['--help', { kind: 'help', of: 'run' }],
  ['phase1 -h', { kind: 'help', of: 'run' }],
  ['help', { kind: 'help', of: 'run' }],
  ['help lab', { kind: 'help', of: 'lab' }],
  ['lab --help', { kind: 'help', of: 'lab' }],
  ['lab up --help', { kind: 'help', of: 'lab' }],
  ['vars --help', { kind: 'help', of: 'vars' }],
  ['--version', { kind: 'version' }],
  ['phase1 --version', { kind: 'version' }],
];

const REFUSED: readonly (readonly [string, string])[] = [
  ['', 'no playbook was named · such as: run-playbook phase1 --check'],
  ['--check', 'no playbook was named · such as: run-playbook phase1 --check'],
  ['phase1 --chek', 'unknown option --chek · did you mean --check?'],
  ['phase1 --lmit svr1', 'unknown option --lmit · did you mean --limit?'],
  ['phase1 --become', 'unknown option --become · see run-playbook --help'],
  ['phase1 -z', 'unknown option -z · see run-playbook --help'],
  ['phase1 phase2', 'more than one playbook was named · one at a time'],
  ['labb up', 'there is no command labb · did you mean lab?'],
  ['phase1 -i', '--inventory: a value is missing · see run-playbook --help'],
  ['phase1 -f 0', '--forks 0: expected a whole number of at least 1 · see run-playbook --help'],
  ['phase1 -f 1.5', '--forks 1.5: expected a whole number of at least 1 · see run-playbook --help'],
  ['phase1 -f many', '--forks many: expected a whole number of at least 1 · see run-playbook --help'],
  [
    'phase1 --watch-rate 0',
    '--watch-rate 0: expected a whole number from 1 to 1000 · see run-playbook --help',
  ],
  [
    'phase1 --watch-rate 1001',
    '--watch-rate 1001: expected a whole number from 1 to 1000 · see run-playbook --help',
  ],
  ['phase1 --max-lost -1', '--max-lost -1: expected a whole number of at least 0 · see run-playbook --help'],
  ['phase1 --max-lost', '--max-lost: a value is missing · see run-playbook --help'],
  ['--watch lab up', '--watch is an option of playbooks · leave it out'],
  ['phase1 -t nginx,', '--tags nginx,: expected names separated by commas · see run-playbook --help'],
  ['phase1 -q -v', '--quiet cannot be used with --verbose · see run-playbook --help'],
  ['phase1 --json -q', '--json cannot be used with --quiet · see run-playbook --help'],
  ['lab', 'lab: no action was named, one of up, down, status, shell, exec · see run-playbook lab --help'],
  ['lab upp', 'lab: there is no action upp · did you mean up?'],
  ['lab restart', 'lab: there is no action restart · known: up, down, status, shell, exec'],
  ['lab up now', 'lab: too many arguments · see run-playbook lab --help'],
  ['lab down --purg', 'lab: unknown option --purg · did you mean --purge?'],
  ['lab shell', 'lab: HOST is missing · see run-playbook lab --help'],
  ['lab exec svr1', 'lab: COMMAND is missing · see run-playbook lab --help'],
  ['lab exec svr1 --', 'lab: COMMAND is missing · see run-playbook lab --help'],
  ['--check lab up', '--check is an option of playbooks · leave it out'],
  ['vars', 'vars: HOST is missing · see run-playbook vars --help'],
  ['lint phase1 phase2', 'lint: too many arguments · see run-playbook lint --help'],
  ['lint --jsn', 'lint: unknown option --jsn · did you mean --json?'],
  ['--check lint', '--check is an option of playbooks · leave it out'],
  ['explain HA101 HA102', 'explain: too many arguments · see run-playbook explain --help'],
  ['phase1 --wait', '--wait: a value is missing · see run-playbook --help'],
  ['phase1 --wait 0', '--wait 0: expected a whole number from 1 to 86400 · see run-playbook --help'],
  ['history svr1 svr2', 'history: too many arguments · see run-playbook history --help'],
  [
    'history -n 0',
    'history: --number 0: expected a whole number from 1 to 100000 · see run-playbook history --help',
  ],
  ['status svr1', 'status: too many arguments · see run-playbook status --help'],
  ['drift show', 'drift: ID is missing · see run-playbook drift --help'],
  ['drift history a1b2', 'drift: too many arguments · see run-playbook drift --help'],
  [
    'drift history -n 0',
    'drift: --number 0: expected a whole number from 1 to 100000 · see run-playbook drift --help',
  ],
  [
    'drift -i other.yml history',
    'drift: --inventory stands before history · put it behind, or leave it out: run-playbook drift --help',
  ],
  ['drift --metrics', 'drift: --metrics: a value is missing · see run-playbook drift --help'],
  ['-q drift history', '--quiet is an option of playbooks · leave it out'],
  ['lock', 'lock: no action was named, one of status, release · see run-playbook lock --help'],
  ['lock stats', 'lock: there is no action stats · did you mean status?'],
  ['lock release --force', 'lock: HOSTS is missing · see run-playbook lock --help'],
  [
    'lock release svr1',
    'lock release: a lock that is held belongs to a run, which is thrown out · ' +
      'look first: run-playbook lock status; add --force if that is wanted',
  ],
  ['drill', 'drill: PLAYBOOK is missing · see run-playbook drill --help'],
  ['drill phase1 -l svr1', 'drill: unknown option -l · see run-playbook drill --help'],
  [
    'drill phase1 --repeat 0',
    'drill: --repeat 0: expected a whole number from 1 to 100 · see run-playbook drill --help',
  ],
  [
    'drill phase1 --json --markdown',
    'drill: --json and --markdown would both go to stdout · name a file: --markdown FILE',
  ],
  ['--check drill phase1', '--check is an option of playbooks · leave it out'],
  ['dril phase1', 'there is no command dril · did you mean drill?'],
  ['lnt phase1', 'there is no command lnt · did you mean lint?'],
];

describe('the command line', () => {
  it.each(ACCEPTED)('run-playbook %s', (line, command) => {
    expect(parse(words(line))).toEqual(command);
  });

  it.each(REFUSED)('refuses run-playbook %s', (line, expected) => {
    expect(refusal(words(line))).toBe(expected);
  });
});

function words(line: string): readonly string[] {
  return line.split(' ').filter((word) => word !== '');
}

function refusal(args: readonly string[]): string {
  try {
    return `accepted: ${JSON.stringify(parse(args))}`;
  } catch (error) {
    if (!(error instanceof InvalidInput)) {
      throw error;
    }
    return error.troubles.map(({ what, hint }) => `${what} · ${hint}`).join('\n');
  }
}
