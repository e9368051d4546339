import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp } from '../../scripts/lab/index.ts';
import type { DriftHistoryDocument, FindingDocument } from '../../src/report/drift-history-document.ts';
import type { DriftDocument } from '../../src/report/drift-document.ts';
import type { StatusDocument } from '../../src/report/status-document.ts';
import { cannotRunLab, onHost, phase1, redundant, VIP } from './support/pair.ts';
import { run, type Ended } from './support/run.ts';

const LAB = `t-driftlog-${process.pid}`;
const CLI = fileURLToPath(new URL('../../bin/run-playbook.js', import.meta.url));
const CONF = '/etc/nginx/nginx.conf';

let state: string;
let metrics: string;

function cli(...args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, RUN_PLAYBOOK_LAB: LAB, XDG_STATE_HOME: state };
  return run([process.execPath, CLI, ...args], { env });
}

async function document<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse((await cli(...args, '--json')).stdout) as T;
}

const check = () => document<DriftDocument>('drift', 'phase1', '--metrics', metrics);
const history = () => document<DriftHistoryDocument>('drift', 'history');

/** The value of the one sample that has these labels, in the metrics of the last check. */
function sample(name: string, ...labels: readonly string[]): number | undefined {
  const lines = readFileSync(metrics, 'utf8').split('\n');
  const [line] = lines.filter(
    (one) => one.startsWith(`run_playbook_${name}{`) && labels.every((label) => one.includes(label)),
  );
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

describe.skipIf(cannotRunLab)('what is kept of drift checks', () => {
  beforeAll(async () => {
    state = mkdtempSync(join(tmpdir(), 'rp-drift-log-'));
    metrics = join(state, 'drift.prom');
    await labUp({ name: LAB });
    await phase1(LAB);
    await redundant(LAB);
  });

  afterAll(async () => {
    rmSync(state, { recursive: true, force: true });
    await labDown({ name: LAB });
  });

  it('a pair in sync: the check is in the history, in the status, and in the metrics', async () => {
    const { id, exit, findings } = await check();
    expect([exit, findings]).toEqual([0, []]);
    const { checks, standing } = await history();
    expect(checks).toMatchObject([{ id, exit: 0, hosts: { svr1: 'in-sync', svr2: 'in-sync' } }]);
    expect(standing).toMatchObject({ last: { id }, isOverdue: false });
    const status = await document<StatusDocument>('status');
    expect(status.driftChecks.last).toMatchObject({ id, playbook: 'phase1', exit: 0 });
    expect(statSync(metrics).mode & 0o777).toBe(0o644);
    expect(sample('drift_exit_code')).toBe(0);
    expect(sample('drift_objects')).toBeUndefined();
    expect(sample('vip_able_hosts', `vip="${VIP}"`)).toBe(2);
    const owners = ['svr1', 'svr2'].map((host) => sample('vip_owner', `host="${host}"`));
    expect(owners.toSorted()).toEqual([0, 1]);
  });

  it('drift that comes, goes and comes back: two spans', async () => {
    const seen = [];
    for (const command of [
      `echo '# by hand' >> ${CONF}`,
      'true',
      `sed -i '$d' ${CONF}`,
      `echo '#' >> ${CONF}`,
    ]) {
      await onHost(LAB, 'svr2', command);
      const { id, findings } = await check();
      seen.push([id, findings.filter(({ item }) => item === CONF)] as const);
    }
    expect(seen.map(([, found]) => found.length)).toEqual([1, 1, 0, 1]);
    expect(sample('drift_objects', 'host="svr2"', 'role="nginx"', 'class="file"', 'severity="drift"')).toBe(
      1,
    );
    expect(sample('drift_host_in_sync', 'host="svr2"')).toBe(0);
    const [first, second, , last] = seen;
    const id = last?.[1][0]?.id ?? '';
    const shown = await document<FindingDocument>('drift', 'show', id.slice(0, 8));
    expect(shown).toMatchObject({ finding: { item: CONF }, check: { id: last?.[0] } });
    expect(shown.spans.map(({ isOpen }) => isOpen)).toEqual([false, true]);
    const { checks } = await history();
    const at = (wanted: string | undefined) => checks.find((one) => one.id === wanted)?.at;
    expect(shown.spans[0]).toMatchObject({ firstSeen: at(first?.[0]), lastSeen: at(second?.[0]) });
    const again = await cli('drift', 'show', second?.[0] ?? '');
    expect(again.stdout).toContain(CONF);
  });

  it('a host that cannot hold the virtual IP is told as lost redundancy', async () => {
    await onHost(LAB, 'svr2', 'systemctl stop keepalived');
    await check();
    expect(sample('drift_exit_code')).toBe(8);
    expect(sample('vip_able_hosts', `vip="${VIP}"`)).toBe(1);
    expect(sample('service_active', 'host="svr2"', 'service="keepalived"')).toBe(0);
    await onHost(LAB, 'svr2', 'systemctl start keepalived');
  });

  it.skipIf(spawnSync('promtool', ['--version']).status !== 0)('promtool takes the metrics', () => {
    const input = readFileSync(metrics, 'utf8');
    expect(execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })).toBe('');
  });
});
