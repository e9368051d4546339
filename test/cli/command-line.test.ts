import { describe, expect, it } from 'vitest';
import { commandLineOf } from '../../src/cli/command-line.ts';
import { parse } from '../../src/cli/parse.ts';
import { Secret } from '../../src/core/secret.ts';

const SECRETS = [new Secret(`it's "me"`)];

function again(args: readonly string[], wanted: Parameters<ReturnType<typeof commandLineOf>>[0]): string {
  const command = parse(args);
  return command.kind === 'run' ? commandLineOf(command, SECRETS)(wanted) : '';
}

describe('the command line that is advised', () => {
  it('is for the same hosts and variables', () => {
    const args = ['phase1', '--check', '-v', '-i', 'my hosts.yml', '-e', 'nginx.port=8080', '-t', 'nginx'];

    expect(again(args, {})).toBe("run-playbook phase1 -i 'my hosts.yml' -e 'nginx.port=8080' -t nginx");
  });

  it('watches again, where something is changed', () => {
    const args = ['phase1', '--watch', '--watch-rate', '200', '--max-lost', '3'];

    expect(again(args, {})).toBe('run-playbook phase1 --watch --watch-rate 200 --max-lost 3');
    expect(again(args, { check: true })).toBe('run-playbook phase1 --check');
    expect(again(['phase2', '--no-watch'], {})).toBe('run-playbook phase2 --no-watch');
  });

  it('adds what is needed and narrows the hosts', () => {
    expect(again(['phase1', '-l', 'web'], { check: true, diff: true, limit: ['svr2'] })).toBe(
      'run-playbook phase1 --check --diff -l svr2',
    );
  });

  it.each([
    `keepalived.auth=it's "me"`,
    `{"keepalived": {"auth": "it's \\"me\\""}}`,
    `keepalived.auth='it''s "me"'`,
  ])('does not repeat a secret, however it was written: %s', (vars) => {
    expect(again(['phase1', '-e', vars, '-e', 'nginx.port=81'], {})).toBe(
      "run-playbook phase1 -e ... -e 'nginx.port=81'",
    );
  });

  it('does not repeat a password', () => {
    expect(again(['phase1', '-e', 'keepalived.auth_pass=1111', '-e', '@pass.yml'], {})).toBe(
      'run-playbook phase1 -e ... -e @pass.yml',
    );
  });
});
