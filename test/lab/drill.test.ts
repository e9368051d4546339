import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enterCommand, labDown, labUp } from '../../scripts/lab/index.ts';
import type { DrillDocument } from '../../src/report/drill-document.ts';
import { cannotRunLab, HOSTS, onHost, phase1, redundant } from './support/pair.ts';
import { run, type Ended } from './support/run.ts';
import { until } from './support/until.ts';

const LAB = `t-drill-${process.pid}`;
const CLI = fileURLToPath(new URL('../../bin/run-playbook.js', import.meta.url));
const INVENTORY = fileURLToPath(new URL('../../inventory/hosts.yml', import.meta.url));
const ROUTE = '10.99.0.0/16 via 172.25.254.1 proto static';

let state: string;

function argv(words: string): readonly string[] {
  return [process.execPath, CLI, 'drill', 'phase1', ...words.split(' '), '-i', INVENTORY];
}

function env(): NodeJS.ProcessEnv {
  return { ...process.env, RUN_PLAYBOOK_LAB: LAB, XDG_STATE_HOME: state, LANG: 'C.UTF-8' };
}

function drill(words: string): Promise<Ended> {
  return run(argv(words), { env: env() });
}

async function document(words: string): Promise<DrillDocument> {
  const { code, stdout, stderr } = await drill(`${words} --json`);
  if (stdout === '') {
    throw new Error(`drill: exit ${code}, no document\n${stderr}`);
  }
  return JSON.parse(stdout) as DrillDocument;
}

/** A drill that has broken something, as one process, so that a signal to it is one to the drill. */
async function brokenBy(words: string): Promise<{ readonly child: ChildProcess; readonly host: string }> {
  const [file = '', ...args] = enterCommand(LAB, argv(words));
  const child = spawn(file, args, { env: env(), stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until(
    'something is broken',
    30_000,
    () => said.includes('  done, for'),
    () => said,
  );
  const [, host = ''] = /^\[1\/\d+\] \S+ on (\w+),/m.exec(said) ?? [];
  return { child, host };
}

/** What a drill may leave on no host: armed undos, files, neighbour entries, hung processes, its lock. */
function leftOn(host: string): Promise<string> {
  return onHost(
    LAB,
    host,
    `systemctl list-units --all --no-legend 'run-playbook-drill*'
ls -d /run/run-playbook-drill* 2>/dev/null || :
ip neigh show nud permanent
grep -h '^State:.*T' /proc/$(systemctl show -P MainPID nginx)/status || :
flock -n /run/run-playbook.lock true || echo locked`,
  );
}

describe.skipIf(cannotRunLab)('a drill of the pair made by phase 1', () => {
  beforeAll(async () => {
    state = await mkdtemp(join(tmpdir(), 'drill-lab-'));
    await labUp({ name: LAB });
    const { exit, errors } = await phase1(LAB);
    expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
  });

  afterAll(async () => {
    await labDown({ name: LAB });
    await rm(state, { recursive: true });
  });

  it('is refused while something is wrong already, and breaks nothing', async () => {
    await onHost(LAB, 'svr2', 'systemctl stop nginx');
    const { exit, rows, errors } = await document('--only kill-nginx');
    await onHost(LAB, 'svr2', 'systemctl start nginx');

    expect({ exit, rows }).toEqual({ exit: 5, rows: [] });
    expect(errors[0]?.why).toContain('svr2  service nginx: stopped -> running');
    await redundant(LAB);
  });

  it('is survived on both hosts, and leaves nothing behind', async () => {
    const holder = await redundant(LAB);
    await Promise.all(HOSTS.map((host) => onHost(LAB, host, `ip route add ${ROUTE} dev host0`)));
    const { exit, rows, errors } = await document('--only kill-nginx,partition-and-heal,link-down');
    const told = rows.map(
      ({ fault, host, lost, outageMs }) => `${fault} ${host} ${lost} lost, ${outageMs} ms`,
    );
    process.stdout.write(`    measured  ${told.join('; ')}\n`);

    expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
    expect(rows.filter(({ verdict }) => verdict !== 'passed')).toEqual([]);
    expect(rows.map(({ fault, host }) => `${fault} ${host}`).toSorted()).toEqual([
      'kill-nginx svr1',
      'kill-nginx svr2',
      'link-down svr1',
      'link-down svr2',
      'partition-and-heal svr1, svr2',
    ]);
    expect(rows[0]).toMatchObject({ host: holder, role: 'holder' });
    // The VIP must leave a host without a network, in both directions.
    const moved = rows.filter(({ fault }) => fault === 'link-down');
    expect(moved.map(({ role, vip }) => [role, vip])).toEqual(
      moved.map(({ host }) => ['holder', `to ${host === 'svr1' ? 'svr2' : 'svr1'}`]),
    );
    await redundant(LAB);
    for (const host of HOSTS) {
      expect(await leftOn(host)).toBe('');
      expect(await onHost(LAB, host, 'ip route show dev host0')).toContain(ROUTE);
    }
  });

  it('fails when more is lost than is allowed, and shows the one before beside it', async () => {
    const limit = '-e drill.limits.kill-nginx.lost=0 -e drill.rate=500';
    const { exit, rows } = await document(`--only kill-nginx ${limit}`);

    expect(exit).toBe(8);
    expect(rows.map(({ verdict }) => verdict)).toContain('over the limit');
    expect(rows.every(({ before }) => before !== undefined)).toBe(true);
  });

  it('puts right what is broken on Ctrl-C', async () => {
    await redundant(LAB);
    const { child, host } = await brokenBy('--only hang-nginx');
    expect(await leftOn(host)).toContain('run-playbook-drill-undo.timer');
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number | null];

    expect(code).toBe(130);
    expect(await leftOn(host)).toBe('');
    await redundant(LAB);
  });

  it('that is lost is undone by the host itself', async () => {
    const { child, host } = await brokenBy('--only hang-nginx');
    child.kill('SIGKILL');
    await once(child, 'close');
    const { exit, errors } = await document('--only kill-nginx');

    expect(exit).toBe(5);
    expect(errors[0]).toMatchObject({
      host,
      what: 'a drill that was lost has left its undo armed; nothing was broken',
    });
    expect(await leftOn(host)).toMatch(/^State:\s+T/m);
    await until('the host has put itself right', 60_000, async () => (await leftOn(host)) === '');
    await redundant(LAB);
  });
});
