import { describe, expect, it } from 'vitest';
import type { RunCommand } from '../../src/cli/command.ts';
import { parse } from '../../src/cli/parse.ts';
import { watchOf } from '../../src/cli/watch.ts';
import { InvalidInput } from '../../src/core/error.ts';
import { playbook, type Playbook } from '../../src/core/role.ts';
import { runMain } from './in-process.ts';

const TARGET = { address: '192.0.2.10', port: 80, path: '/', host: 'www.example' };

const plain = playbook({ name: 'plain', description: '', hosts: 'web', roles: [] });
const watchable: Playbook = { ...plain, name: 'watchable', watch: () => [TARGET] };
const strict: Playbook = { ...watchable, name: 'strict', maxLost: 0 };

const broken: Playbook = {
  ...strict,
  watch: () => {
    throw new TypeError('no such VIP');
  },
};

function watchOn(of: Playbook, line: string) {
  const command = parse(['it', ...line.split(' ').filter((word) => word !== '')]) as RunCommand;
  return watchOf(command, of, []);
}

function refusal(of: Playbook, line: string): string {
  try {
    return `accepted: ${JSON.stringify(watchOn(of, line))}`;
  } catch (error) {
    if (!(error instanceof InvalidInput)) {
      throw error;
    }
    return error.troubles.map(({ what, hint }) => `${what} · ${hint}`).join('\n');
  }
}

describe('what is watched', () => {
  it.each([
    ['a playbook that only says what to watch', watchable, ''],
    ['one that does not', plain, ''],
    ['--no-watch', strict, '--no-watch'],
  ])('nothing: %s', (_, of, line) => {
    expect(watchOn(of, line)).toBeUndefined();
  });

  it.each([
    ['--watch', watchable, '--watch', { perSecond: 50, maxLost: undefined }],
    ['a playbook with a limit', strict, '', { perSecond: 50, maxLost: 0 }],
    ['another limit', strict, '--max-lost 3', { perSecond: 50, maxLost: 3 }],
    [
      'a limit and a rate',
      watchable,
      '--watch --max-lost 0 --watch-rate 200',
      { perSecond: 200, maxLost: 0 },
    ],
  ])('what the playbook says: %s', (_, of, line, expected) => {
    expect(watchOn(of, line)).toMatchObject({ targets: [TARGET], ...expected });
  });

  it.each([
    [
      plain,
      '--watch',
      '--watch: the playbook plain does not say what to watch · add watch(cluster) to it: the requests that clients make',
    ],
    [watchable, '--max-lost 0', '--max-lost 0: nothing is watched · add --watch'],
    [watchable, '--watch-rate 9', '--watch-rate 9: nothing is watched · add --watch'],
    [strict, '--no-watch --max-lost 1', '--max-lost 1: nothing is watched · leave out --no-watch'],
  ])('refuses %j %s', (of, line, expected) => {
    expect(refusal(of, line)).toBe(expected);
  });

  it('names the playbook whose own code fails', () => {
    expect(refusal(broken, '')).toBe('no such VIP · correct the playbook, or do without: --no-watch');
  });

  it('is found out before any host is asked', async () => {
    const { exit, stdout, stderr } = await runMain(['nothing', '--watch']);

    expect([exit, stdout]).toEqual([5, '']);
    expect(stderr).toContain('--watch: the playbook nothing does not say what to watch');
  });
});
