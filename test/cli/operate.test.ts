import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runMain } from './in-process.ts';

let env: NodeJS.ProcessEnv;

beforeEach(() => {
  env = { LANG: 'C.UTF-8', XDG_STATE_HOME: mkdtempSync(join(tmpdir(), 'rp-operate-')) };
});

afterEach(() => rmSync(env['XDG_STATE_HOME'] ?? '', { recursive: true }));

describe('history', () => {
  it(
    'is empty at first, and then has the runs that could change something',
    { timeout: 20_000 },
    async () => {
      expect(await runMain(['history'], { env })).toEqual({
        exit: 0,
        stdout: 'no run is written down yet\n',
        stderr: '',
      });
      await runMain(['nothing', '--check'], { env });
      await runMain(['nothing', '-e', 'ansible_port=2'], { env });
      const { exit, stdout } = await runMain(['history'], { env });
      expect(exit).toBe(0);
      expect(stdout.split('\n')).toHaveLength(3);
      expect(stdout).toMatch(
        /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}\S+@\S+ {2}nothing {3}unreachable {2}- +[0-9a-f]{12}$/m,
      );
      const { runs } = JSON.parse((await runMain(['history', '--json'], { env })).stdout);
      expect(runs).toMatchObject([
        {
          command: `run-playbook nothing -e 'ansible_port=2'`,
          exit: 4,
          hosts: { dead1: { result: 'unreachable' } },
        },
      ]);
    },
  );

  it(
    'of a host that does not answer shows what is known here, and exits with 4',
    { timeout: 20_000 },
    async () => {
      await runMain(['nothing'], { env });
      const { exit, stdout, stderr } = await runMain(['history', 'dead1'], { env });
      expect([exit, stdout.split('\n').length]).toEqual([4, 3]);
      expect(stderr).toMatch(/^dead1: /);
    },
  );

  it('of a host that is in no inventory is refused', async () => {
    const { exit, stderr } = await runMain(['history', 'dead2'], { env });
    expect([exit, stderr.split('\n')[0]]).toEqual([5, 'there is no host dead2']);
  });
});

describe('status', () => {
  it('of a host that does not answer exits with 4', { timeout: 20_000 }, async () => {
    const { exit, stdout } = await runMain(['status'], { env });
    expect(exit).toBe(4);
    expect(stdout).toMatch(/^dead1: /m);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('no host: 1 host unreachable');
    const json = await runMain(['status', '--json'], { env });
    expect([json.exit, JSON.parse(json.stdout)]).toMatchObject([
      4,
      { exit: 4, hosts: {}, errors: [{ host: 'dead1' }] },
    ]);
  });

  it('is a document too when it cannot begin', async () => {
    const { exit, stdout } = await runMain(['status', '--json', '-l', 'dead2'], { env });
    expect(exit).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      exit: 5,
      errors: [{ what: expect.stringContaining('dead2') }],
    });
  });
});

describe('lock', () => {
  it('status of a host that does not answer exits with 4', { timeout: 20_000 }, async () => {
    const { exit, stdout, stderr } = await runMain(['lock', 'status', 'dead1'], { env });
    expect([exit, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(/^dead1: /);
  });

  it('release asks, and where nobody is there to be asked wants a yes', async () => {
    const { exit, stderr } = await runMain(['lock', 'release', '--force', 'dead1'], { env });
    expect(exit).toBe(5);
    expect(stderr).toContain('nobody is there to be asked');
    expect(stderr).toContain('add --yes');
  });
});
