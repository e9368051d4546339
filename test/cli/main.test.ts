import { describe, expect, it, vi } from 'vitest';
import { runMain } from './in-process.ts';

describe('a command line that is wrong', () => {
  it('is told on stderr, with what to do, and ends with exit code 5', async () => {
    expect(await runMain(['phase1', '--chek'])).toEqual({
      exit: 5,
      stdout: '',
      stderr: 'unknown option --chek\n  do    did you mean --check?\n',
    });
  });

  it('suggests the playbook that was meant', async () => {
    const { exit, stderr } = await runMain(['nothin']);

    expect(exit).toBe(5);
    expect(stderr).toBe('there is no playbook nothin\n  do    did you mean nothing?\n');
  });

  it.each([
    [['nothing', '-i', 'nowhere.yml'], 'there is no inventory nowhere.yml'],
    [['nothing', '-l', 'dead2'], '--limit dead2: there is no host or group dead2'],
    [['nothing', '-e', 'nonsense'], '--extra-vars nonsense: should be name=value'],
    [['vars', 'dead2'], 'there is no host dead2'],
  ])('%j', async (args, what) => {
    const { exit, stdout, stderr } = await runMain(args);

    expect(stderr).toContain(what);
    expect(stderr).toMatch(/^ {2}do {4}\S/m);
    expect([exit, stdout]).toEqual([5, '']);
  });

  it('is a document too with --json', async () => {
    const { exit, stdout, stderr } = await runMain(['nothin', '--json', '--check']);

    expect(exit).toBe(5);
    expect(stderr).toContain('there is no playbook nothin');
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      playbook: 'nothin',
      check: true,
      exit: 5,
      hosts: {},
      checks: [],
      warnings: [],
      errors: [{ what: 'there is no playbook nothin', hint: 'did you mean nothing?' }],
      ms: expect.any(Number),
    });
  });

  it('is a document too when not even the options are understood', async () => {
    const { exit, stdout } = await runMain(['--json', '--chek']);

    expect(exit).toBe(5);
    expect(JSON.parse(stdout).errors).toEqual([
      { what: 'unknown option --chek', hint: 'did you mean --check?' },
    ]);
  });
});

describe('a host that does not answer', () => {
  it('ends the run with exit code 4 and what to do', { timeout: 20_000 }, async () => {
    const { exit, stdout, stderr } = await runMain(['nothing']);

    expect(exit).toBe(4);
    expect(stderr).toMatch(/^dead1 {2}unreachable: /m);
    expect(stdout).toMatch(/^✗ dead1 {2}unreachable {2}\d/);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      'Make dead1 reachable, then run again: run-playbook nothing',
    );
  });

  it('is in the document with --json, and nothing else is printed', { timeout: 20_000 }, async () => {
    const { exit, stdout, stderr } = await runMain(['nothing', '--json']);
    const document = JSON.parse(stdout);

    expect([exit, stderr]).toEqual([4, '']);
    expect(document.hosts.dead1).toMatchObject({ status: 'unreachable', changes: [], applied: [] });
    expect(document.errors).toHaveLength(1);
  });

  it('is all that is told with -q', { timeout: 20_000 }, async () => {
    const { exit, stdout, stderr } = await runMain(['nothing', '-q']);

    expect([exit, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(/^dead1: /);
  });
});

describe('other commands', () => {
  it('vars prints where each value was written', async () => {
    const { exit, stdout } = await runMain(['vars', 'dead1', '-e', 'ansible_port=2']);

    expect(exit).toBe(0);
    expect(stdout).toMatch(/^ansible_port +"2" +--extra-vars$/m);
    expect(stdout).toMatch(/^ +1 +inventory\/hosts\.yml:\d+:\d+ \(hidden\)$/m);
  });

  it('--help names the playbooks there are', async () => {
    const { exit, stdout } = await runMain(['--help']);

    expect(exit).toBe(0);
    expect(stdout).toMatch(/^Playbooks: nothing, phase1/m);
  });

  it('--version', async () => {
    const { exit, stdout } = await runMain(['nothing', '--version']);

    expect(exit).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('lab status says when there is none', async () => {
    vi.stubEnv('RUN_PLAYBOOK_LAB', 'never-made');

    expect(await runMain(['lab', 'status'])).toEqual({
      exit: 1,
      stdout: 'lab never-made: not up\n',
      stderr: '',
    });
    expect((await runMain(['lab', 'shell', 'svr1'])).stderr).toBe(
      'the lab is not up\n  do    run-playbook lab up\n',
    );
    vi.unstubAllEnvs();
  });
});
