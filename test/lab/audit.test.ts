import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enterCommand, labDown, labUp } from '../../scripts/lab/index.ts';
import { parseHostLine, type HostLine } from '../../src/core/audit.ts';
import type { StatusDocument } from '../../src/report/status-document.ts';
import type { HistoryDocument } from '../../src/report/history-document.ts';
import {
  cannotRunLab,
  holder,
  HOSTS,
  onHost,
  peerOf,
  redundant,
  VIP,
  type HostName,
} from './support/pair.ts';
import { run, type Ended } from './support/run.ts';
import { until } from './support/until.ts';

const LAB = `t-audit-${process.pid}`;
const CLI = fileURLToPath(new URL('../../bin/run-playbook.js', import.meta.url));
const LOG = '/var/log/run-playbook/audit.log';

let state: string;

function cli(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const env = { ...process.env, RUN_PLAYBOOK_LAB: LAB, XDG_STATE_HOME: state, ...more };
  return run(enterCommand(LAB, [process.execPath, CLI, ...args]), { env });
}

async function logOf(host: HostName): Promise<readonly HostLine[]> {
  const lines = (await onHost(LAB, host, `cat ${LOG}`)).trimEnd().split('\n');
  return lines.flatMap((line) => parseHostLine(line) ?? []);
}

async function status(): Promise<StatusDocument> {
  return JSON.parse((await cli(['status', '--json'])).stdout) as StatusDocument;
}

async function history(...args: readonly string[]): Promise<HistoryDocument['runs']> {
  const { stdout } = await cli(['history', '--json', ...args]);
  return (JSON.parse(stdout) as HistoryDocument).runs;
}

/** Waits until somebody has the host's lock; without starting the program again and again. */
function isLocked(host: HostName, by: RegExp): Promise<boolean> {
  return until('it is locked', 20_000, async () =>
    by.test(await onHost(LAB, host, 'cat /run/run-playbook.lock 2>/dev/null || :')),
  );
}

/** The digest of what was absent on every host. */
function beforeOf(lines: readonly HostLine[]): string | undefined {
  return lines[0]?.changes.find(({ id }) => id === 'user keepalived_script')?.before;
}

const timeout = (seconds: number) => ['-e', `nginx.keepalive_timeout=${seconds}`];

describe.skipIf(cannotRunLab)('who did what, and who is at it', () => {
  beforeAll(async () => {
    state = mkdtempSync(join(tmpdir(), 'rp-audit-'));
    await labUp({ name: LAB });
    // At once on both: a run installs on one host after the other.
    const install = 'DEBIAN_FRONTEND=noninteractive apt-get install -y -q nginx keepalived >/dev/null 2>&1';
    await Promise.all(HOSTS.map((host) => onHost(LAB, host, install)));
    const { code, stdout, stderr } = await cli(['phase1', '--yes']);
    expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, '']);
    await redundant(LAB);
  });

  afterAll(async () => {
    rmSync(state, { recursive: true, force: true });
    await labDown({ name: LAB });
  });

  it('each host has a line about the run, for root only, and so has this machine', async () => {
    const [one, two] = await Promise.all(HOSTS.map(logOf));
    expect(one?.map(({ playbook, result, exit }) => [playbook, result, exit])).toEqual([
      ['phase1', 'changed', 0],
    ]);
    expect(two?.[0]).toMatchObject({
      run: one?.[0]?.run,
      plan: one?.[0]?.plan,
      host: 'svr2',
      result: 'changed',
    });
    const access = await onHost(
      LAB,
      'svr1',
      `stat -c '%a %U:%G' ${LOG} /var/log/run-playbook /var/lib/run-playbook/audit.key`,
    );
    expect(access.trim().split('\n')).toEqual(['600 root:root', '700 root:root', '600 root:root']);
    const [known] = await history();
    expect(known).toMatchObject({ run: one?.[0]?.run, exit: 0, known: ['local'] });
    expect(known?.hosts['svr1']?.changes).toEqual(one?.[0]?.changes);
    expect((await history('svr1'))[0]).toMatchObject({ run: known?.run, known: ['local', 'svr1'] });
  });

  it('digests of the same thing differ from host to host: nobody can try out guesses', async () => {
    const logs = await Promise.all(HOSTS.map(logOf));
    const [mine, other] = logs.map(beforeOf);
    expect(mine).toMatch(/^[0-9a-f]{32}$/);
    expect(mine).not.toBe(other);
  });

  it('the status is that of the hosts', async () => {
    const standby = peerOf(await holder(LAB));
    expect(await status()).toMatchObject({ exit: 0, problems: [], vips: { [VIP]: [peerOf(standby)] } });
    await onHost(LAB, standby, `systemctl stop nginx; ip addr add ${VIP}/32 dev lo`);
    const { exit, problems, vips } = await status();
    expect([exit, vips[VIP]?.length]).toEqual([8, 2]);
    expect(problems.map(({ what }) => what)).toEqual([
      `VIP ${VIP} is on svr1 and svr2 at once`,
      'nginx is enabled and inactive',
      expect.stringContaining('cannot take a VIP over'),
    ]);
    await onHost(LAB, standby, `ip addr del ${VIP}/32 dev lo; systemctl start nginx`);
    await redundant(LAB);
    expect((await status()).exit).toBe(0);
  });

  it('of three runs at once one works, one is refused, and one waits and then does its own', async () => {
    const first = cli(['phase1', '--yes', '-l', 'svr1', ...timeout(41)]);
    await isLocked('svr1', /^phase1 by /);
    const [locks, refused, waited] = await Promise.all([
      cli(['lock', 'status']),
      cli(['phase1', '--yes', '-l', 'svr1', ...timeout(42)]),
      cli(['phase1', '--yes', '-l', 'svr1', '--wait', '60', ...timeout(43)]),
    ]);
    expect([(await first).code, locks.code, refused.code, waited.code]).toEqual([0, 6, 6, 0]);
    expect(locks.stdout).toMatch(/^svr1 {2}held: phase1 by \S+@\S+ \(pid \d+\) since \S+ {2}process /m);
    expect(waited.stderr).toMatch(/^svr1 {2}waits for phase1 by /m);
    const conf = await onHost(LAB, 'svr1', 'grep keepalive_timeout /etc/nginx/nginx.conf');
    expect(conf).toContain('43');
    const runs = await history('svr1', '-n', '3');
    expect(runs.map(({ exit }) => exit).toSorted()).toEqual([0, 0, 6]);
    const [before, after] = (await logOf('svr1'))
      .slice(-2)
      .map(({ changes }) => changes.find(({ id }) => id === 'files nginx'));
    expect(after?.before).toBe(before?.after);
  });

  it('a run that was killed is seen, with what the host will do about it, and the next one ends that', async () => {
    const killed = await cli(['phase1', '--yes', '-l', 'svr2', ...timeout(44)], {
      RUN_PLAYBOOK_FAULT: 'kill@change-started svr2 service nginx',
    });
    expect(killed.code).not.toBe(0);
    const [last] = await history();
    expect([last?.exit, last?.end]).toEqual([undefined, undefined]);
    const seen = await status();
    const left = Object.values(seen.hosts).flatMap(({ kept, armed }) => [
      ...kept,
      ...armed.map(({ run: id }) => id),
    ]);
    expect(new Set(left)).toEqual(new Set([last?.run]));
    expect(Object.values(seen.hosts).map(({ lock }) => lock)).toEqual([undefined, undefined]);
    // The log is too long meanwhile: it is put aside, and read all the same.
    await onHost(LAB, 'svr2', `head -c 10485761 /dev/zero | tr '\\0' x >>${LOG}`);
    expect((await cli(['phase1', '--yes', '-l', 'svr2', ...timeout(44)])).code).toBe(0);
    expect(await logOf('svr2')).toMatchObject([{ result: 'changed' }]);
    expect((await history('svr2')).filter(({ known }) => known.includes('svr2'))).toHaveLength(2);
    const clean = Object.values((await status()).hosts);
    expect(clean.map(({ kept, armed }) => [kept, armed])).toEqual([
      [[], []],
      [[], []],
    ]);
  });

  it('whoever holds a lock can be thrown out, and the host keeps by whom', async () => {
    const inside = 'echo maintenance >/run/run-playbook.lock; sleep 300';
    await onHost(
      LAB,
      'svr1',
      `setsid flock /run/run-playbook.lock sh -c '${inside}' >/dev/null 2>&1 </dev/null &`,
    );
    await isLocked('svr1', /^maintenance$/m);
    expect((await cli(['lock', 'status', 'svr1'])).code).toBe(6);
    expect((await cli(['lock', 'release', '--force', 'svr1'])).code).toBe(5);
    const { code, stdout } = await cli(['lock', 'release', '--force', '--yes', 'svr1']);
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'svr1  thrown out: maintenance']);
    expect((await cli(['lock', 'status'])).code).toBe(0);
    expect((await logOf('svr1')).at(-1)).toMatchObject({
      playbook: 'lock release',
      result: 'released',
      why: 'maintenance',
    });
  });
});
