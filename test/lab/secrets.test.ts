import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enterCommand, labDown, labExec, labStatus, labUp } from '../../scripts/lab/index.ts';
import { quote } from '../../src/core/script.ts';
import { everyCommand, variantsOf } from '../every-command.ts';
import { startLookout, type Lookout } from './support/lookout.ts';
import { cannotRunLab, HOSTS, onHost } from './support/pair.ts';
import { run, type Ended } from './support/run.ts';
import { makeSecretsSite, PACKAGE, type SecretsSite } from './support/secrets-site.ts';

const LAB = `t-secrets-${process.pid}`;

/** Where runs write on a host, and programs that they start. */
const WRITTEN = ['/etc', '/home', '/opt', '/root', '/run', '/srv', '/tmp', '/usr/local', '/var'];

/** Where they write what is not to stay, or is not in its place yet. */
const WATCHED = {
  folders: [
    '/etc/haproxy',
    '/etc/keepalived',
    '/etc/nginx',
    '/etc/noisy',
    '/home',
    '/root',
    '/tmp',
    '/var/lib/run-playbook',
    '/var/tmp',
  ],
  parents: ['/', '/etc', '/etc/systemd/system', '/run', '/usr/local', '/usr/local/libexec', '/var/www'],
};

/** What holds secrets on a host, and who may read it: nobody else. */
const HOLDERS = {
  svr1: [
    '600 root:root /etc/haproxy/certs/site.pem',
    '600 root:root /etc/haproxy/haproxy.cfg',
    '600 root:root /etc/keepalived/keepalived.conf',
    '640 root:www-data /etc/nginx/auth/people',
    '600 root:root /etc/noisy/token',
  ],
  // The other playbook was run on one host.
  svr2: ['600 root:root /etc/noisy/token'],
};

/** nginx opens it for every request; in its place, and where it is checked before. */
const DUE = /^svr1 \/etc\/nginx(\.run-playbook\.\w+)?\/auth\/people \(640\): /;

/** The commands that only look, and a second time as documents; a new command of the program has to come here, or below. */
const LOOKING: Readonly<Record<string, readonly (readonly string[])[]>> = {
  PLAYBOOK: [['phase2', '--check']],
  vars: [['svr1'], ['svr1', '-p', 'phase2']],
  lint: [[]],
  explain: [['HA180']],
  drill: [['noisy', '--list']],
  plan: [['noisy', '-o', 'other.plan', '-e', 'noisy.mark=two']],
  status: [[]],
  history: [[], ['svr1']],
  'lock status': [[]],
  'lab up': [[]],
  'lab status': [[]],
  'lab shell': [['svr1']],
  'lab exec': [['svr1', '--', 'true']],
};

let site: SecretsSite;
let lookout: Lookout;
/** Every command that was. */
const ran = new Set<string>();

async function cli(line: readonly string[], { isOutside = false, isTerminal = false } = {}): Promise<Ended> {
  const env = {
    PATH: process.env['PATH'],
    HOME: site.directory,
    LANG: 'C.UTF-8',
    TERM: 'xterm',
    RUN_PLAYBOOK_LAB: LAB,
    XDG_STATE_HOME: site.state,
    XDG_CACHE_HOME: join(site.directory, 'cache'),
    TMPDIR: site.temporary,
  };
  const program = [process.execPath, join(PACKAGE, 'bin/run-playbook.js'), ...line];
  // Begun inside, it need not begin itself anew.
  const argv = isOutside ? program : enterCommand(LAB, program);
  const typed = ['script', '--quiet', '--return', '--command', argv.map(quote).join(' '), '/dev/null'];
  const ended = await run(isTerminal ? typed : argv, { cwd: site.directory, env });
  const text = ended.stdout + ended.stderr;
  ran.add(commandIn(line));
  expect(site.canaries.in(text), `${line.join(' ')}\n${text}`).toEqual([]);
  return ended;
}

/** `lab up` of its arguments; what begins with no command's name is a playbook. */
function commandIn([first = '', second = '']: readonly string[]): string {
  const known = everyCommand();
  return [`${first} ${second}`, first].find((name) => known.has(name)) ?? 'PLAYBOOK';
}

/** How a command ended that must not end in any other way; the whole text otherwise. */
async function ends(
  exit: number,
  line: readonly string[],
  how: Parameters<typeof cli>[1] = {},
): Promise<string> {
  const { code, stdout, stderr } = await cli(line, how);
  expect([code, code === exit ? '' : stdout + stderr]).toEqual([exit, '']);
  return stdout + stderr;
}

const noisy = (...more: readonly string[]) => ['noisy', '--yes', '-vv', '--diff', '--no-watch', ...more];
const failing = (how: string, ...more: readonly string[]) =>
  noisy('-l', 'svr1', '-e', `noisy.fails=${how}`, '-e', `noisy.mark=${how}`, ...more);

/** Files that a user other than root can read and that hold a secret. */
async function readable(host: string): Promise<readonly string[]> {
  const grep = ['grep', '-rslaF', '-D', 'skip', '-f', '-', ...WRITTEN];
  const { stdout } = await labExec(LAB, host, ['runuser', '-u', 'nobody', '--', ...grep], {
    stdin: site.canaries.patterns,
  });
  return stdout.split('\n').filter(Boolean);
}

/** Files that hold a secret, with mode and owner. */
async function holding(host: string): Promise<readonly string[]> {
  const script = `grep -rslaF -D skip -f - ${WRITTEN.join(' ')} | sort | xargs -r stat -c '%a %U:%G %n'`;
  const { stdout } = await labExec(LAB, host, ['sh', '-c', script], { stdin: site.unlogged.patterns });
  return stdout.split('\n').filter(Boolean);
}

/** Files of this machine that hold a secret, besides those that the user wrote. */
function holdingHere(): readonly string[] {
  return readdirSync(site.directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => site.canaries.in(readFileSync(path)).length > 0)
    .map((path) => relative(site.directory, path));
}

describe.skipIf(cannotRunLab)('no command tells a secret', () => {
  beforeAll(async () => {
    site = makeSecretsSite();
    await labUp({ name: LAB });
    const { script, stdin } = site.prepare;
    await Promise.all(
      HOSTS.map(async (host) => {
        await onHost(LAB, host, script, stdin);
        // Both at once, which a run would not do.
        await onHost(
          LAB,
          host,
          'apt-get install -qq --no-install-recommends nginx haproxy keepalived >/dev/null 2>&1',
        );
      }),
    );
    const here = { name: 'here', root: '/', folders: [site.directory], parents: [] };
    const hosts = labStatus({ name: LAB }).map(({ name, leaderPid }) => ({
      name,
      root: `/proc/${leaderPid}/root`,
      ...WATCHED,
    }));
    lookout = startLookout(site.canaries, [here, ...hosts]);
  });

  afterAll(async () => {
    lookout?.stop();
    await labDown({ name: LAB });
    rmSync(site.directory, { recursive: true, force: true });
  });

  test('while everything is brought up with them', async () => {
    const bringUp = ['phase2', '-l', 'svr1', '--yes', '-vv', '--diff', '--no-watch'];
    await ends(0, bringUp, { isOutside: true });
    await ends(2, ['plan', 'noisy', '-o', 'noisy.plan', '--sign', 'signer', '-vv', '--diff']);
    await ends(0, ['apply', 'noisy.plan', '--require-signed-by', 'signer.pub', '-vv', '--diff', '--yes']);
    expect(await onHost(LAB, 'svr1', 'cat /etc/noisy/token')).toMatch(/one$/);
  });

  test('while it is looked at', async () => {
    const lines = Object.entries(LOOKING).flatMap(([command, all]) =>
      all.flatMap((args) => variantsOf(command, args)),
    );
    for (const turn of [0, 1, 2, 3, 4, 5]) {
      const some = lines.filter((_, index) => index % 6 === turn);
      await Promise.all(some.map((line) => cli(line, { isOutside: line[0] === 'lab' })));
    }
  });

  test('while a drill goes on, and when it cannot', async () => {
    await ends(0, ['drill', 'noisy', '--only', 'whisper', '--yes', '--markdown', 'drill.md']);
    expect(await ends(1, ['drill', 'noisy', '--only', 'shout', '--yes', '--json'])).toContain('[secret]');
  });

  test('when a validator, a script and a function fail that tell them, in pieces and encoded', async () => {
    const live = failing('validator').filter((word) => word !== '-vv');
    expect(await ends(3, live, { isTerminal: true })).toContain('[secret]');
    expect(await ends(3, failing('script'))).toContain('[secret]');
    expect(await ends(1, failing('crash'))).toContain('lost: [secret]');
    // What it leaves behind is looked at below.
    expect(await ends(1, failing('function', '--no-rollback', '--json'))).toContain('[secret]');
  });

  test('when a host cannot be reached, or lets nobody in', async () => {
    const lines = [
      ['noisy', '--check', '-e', 'ansible_port=1', '-v'],
      ['noisy', '--check', '-e', '@sudo.yml', '--json'],
      ['noisy', '--check', '-e', '@ssh.yml', '-vv'],
    ];
    await Promise.all(lines.map((line) => ends(4, line)));
  });

  test('when a saved plan is stale', async () => {
    await ends(7, ['apply', 'noisy.plan', '-vv', '--diff', '--json', '--yes']);
  });

  test('in any file of a host that others than root may read, nor in a journal, nor where it need not be', async () => {
    const [one, two] = await Promise.all(HOSTS.map(holding));
    const undo = one?.filter((line) => line.includes('/var/lib/run-playbook/undo/')) ?? [];
    // What a run left there that was not taken back: what was before, and how to undo it.
    expect(undo.map((line) => line.replace(/\S+$/, ''))).toEqual(undo.map(() => '600 root:root '));
    expect(undo.length).toBeGreaterThan(0);
    expect([one?.filter((line) => !undo.includes(line)), two]).toEqual([HOLDERS.svr1, HOLDERS.svr2]);
    expect(await Promise.all(HOSTS.map(readable))).toEqual([[], []]);
    const journals = await Promise.all(
      HOSTS.map((host) => onHost(LAB, host, 'journalctl -o export --no-pager')),
    );
    journals.forEach((journal) => {
      expect(journal.length).toBeGreaterThan(10_000);
      expect(site.unlogged.in(journal)).toEqual([]);
    });
    expect(site.canaries.in(journals[0] ?? '')).toContain('LOGGED as it is');
    // A command in a secret would have made a file.
    expect(await onHost(LAB, 'svr1', 'ls -A / | wc -l')).toBe(await onHost(LAB, 'svr2', 'ls -A / | wc -l'));
  });

  test('in any file of this machine but those that the user wrote, all of them for this user only', () => {
    expect(holdingHere().toSorted()).toEqual(['.env', 'signer']);
    const kept = readdirSync(site.state, { recursive: true, withFileTypes: true });
    const open = kept.filter(({ parentPath, name }) => (statSync(join(parentPath, name)).mode & 0o077) !== 0);
    expect([kept.length > 5, open]).toEqual([true, []]);
    expect((statSync(join(site.directory, 'noisy.plan')).mode & 0o777).toString(8)).toBe('600');
    expect(readdirSync(site.temporary)).toEqual([]);
  });

  test('in what is kept of a journal as evidence', () => {
    const failures = join(site.state, 'run-playbook/failures');
    const texts = readdirSync(failures, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.txt'))
      .map((name) => readFileSync(join(failures, name), 'utf8'));
    expect(texts.filter((text) => /noisy\[\d+\]: cut: \[secret\]$/m.test(text))).toHaveLength(1);
    expect(texts.flatMap((text) => site.canaries.in(text))).toEqual([]);
  });

  test('in a process, nor in a file for a moment', async () => {
    expect([...lookout.findings].filter((finding) => !DUE.test(finding))).toEqual([]);
    expect([...lookout.findings].filter((finding) => DUE.test(finding))).not.toEqual([]);
    // Had there been one, it would have been seen.
    const plant = '(umask 022; printf %s "$1" >/tmp/planted; sleep 0.5; rm /tmp/planted)';
    await labExec(LAB, 'svr2', ['sh', '-c', plant, 'sh', site.planted]);
    const seen = [...lookout.findings].filter((finding) => finding.includes('PLANTED'));
    expect(seen.some((finding) => finding.includes(' in cmdline: '))).toBe(true);
    expect(seen.some((finding) => finding.startsWith('svr2 /tmp/planted (644): '))).toBe(true);
  });

  test('of any there is', async () => {
    await ends(0, ['lock', 'release', 'svr1', 'svr2', '--force', '--yes']);
    await ends(0, ['lab', 'down'], { isOutside: true });
    expect([...ran].toSorted()).toEqual([...everyCommand().keys()].toSorted());
  });
});
