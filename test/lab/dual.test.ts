import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, labDown, labUp, powerLoss } from '../../scripts/lab/index.ts';
import type { RunDocument } from '../../src/report/document.ts';
import { startClients, tell } from './support/clients.ts';
import { watchHolders, type HolderReport } from './support/holder-watch.ts';
import { cannotRunLab, holder, holders, onHost, phase1, redundant, VIP } from './support/pair.ts';
import { until } from './support/until.ts';

const LAB = `t-dual-${process.pid}`;
const SECOND = '172.25.254.140';
const TARGETS = [VIP, SECOND].map((address) => ({ address, port: 80, path: '/', host: address }));
const DUAL = JSON.stringify({
  keepalived: { vip_mode: 'dual', vips: [{ address: VIP }, { address: SECOND }] },
});

/** Nobody may carry an address beside another host for longer than a look at both takes. */
function expectOneHolder(watched: readonly HolderReport[]): void {
  for (const { onBoth, polls } of watched) {
    expect(polls).toBeGreaterThan(100);
    expect(onBoth).toBeLessThanOrEqual(1);
  }
}

/** What clients of both addresses and a look at both hosts tell of something done meanwhile. */
async function during<T>(what: string, deed: () => Promise<T>) {
  const watches = [VIP, SECOND].map((vip) => watchHolders(LAB, { vip }));
  const clients = await startClients(LAB, { targets: TARGETS, intervalMs: 10 });
  const done = await deed();
  const report = await clients.stop();
  const watched = await Promise.all(watches.map((watch) => watch.stop()));
  report.targets.forEach((target, index) => {
    tell(`${what}, ${target.target.address}`, { ...report, targets: [target] });
    process.stdout.write(`              ${watched[index]?.course.join(', ')}\n`);
  });
  expectOneHolder(watched);
  const [first, second] = report.targets;
  if (first === undefined || second === undefined) {
    throw new Error('the clients have no report of both addresses');
  }
  return { done, first, second };
}

function expectClean({ exit, errors, checks }: RunDocument): void {
  expect({ exit, errors, failed: checks.filter(({ ok }) => !ok) }).toEqual({
    exit: 0,
    errors: [],
    failed: [],
  });
}

/** Seconds from the last time that svr2 was ready to take its address over to when it took it. */
async function delayOfReturn(): Promise<number> {
  const log = await onHost(LAB, 'svr2', 'journalctl -b -u keepalived -o short-unix');
  const at = (state: string) =>
    Number(new RegExp(`^([\\d.]+) .*\\(VI_2\\) Entering ${state} STATE`, 'm').exec(log)?.[1]);
  return at('MASTER') - at('BACKUP');
}

describe.skipIf(cannotRunLab)('two virtual IPs', () => {
  beforeAll(async () => {
    await labUp({ name: LAB });
    expectClean(await phase1(LAB));
    expect(await redundant(LAB)).toBe('svr1');
  });

  afterAll(() => labDown({ name: LAB }));

  it('become one for each host: the first one loses nothing', async () => {
    const { done, first } = await during('from one VIP to two', () => phase1(LAB, '-e', DUAL));
    expectClean(done);
    expect(done.checks).toContainEqual(
      expect.objectContaining({
        check: 'each VIP on its owner',
        detail: `${VIP} on svr1, ${SECOND} on svr2`,
      }),
    );
    expect(new Set(done.checks.map(({ check }) => check)).size).toBe(done.checks.length);
    expect([holders(LAB), holders(LAB, SECOND)]).toEqual([['svr1'], ['svr2']]);
    expect(first.lost).toBe(0);
  });

  it('a power loss costs only the address of its host, and it returns', async () => {
    const { first, second } = await during('a power loss of svr2', async () => {
      await powerLoss(LAB, 'svr2');
      await until('svr1 has both', 5000, () => holders(LAB, SECOND)[0] === 'svr1');
      await boot(LAB, 'svr2');
      await until('svr2 has its own again', 20_000, async () => (await holder(LAB, SECOND)) === 'svr2');
      await redundant(LAB);
    });
    expect(first.lost).toBe(0);
    expect(second.lost).toBeGreaterThan(0);
    expect(second.longestGapMs).toBeLessThanOrEqual(1000);
    const seconds = await delayOfReturn();
    expect(seconds).toBeGreaterThanOrEqual(4.5);
    expect(seconds).toBeLessThan(8);
  });

  it('become one again: the first one loses nothing', async () => {
    const { done, first } = await during('from two VIPs to one', () => phase1(LAB));
    expectClean(done);
    expect([holders(LAB), holders(LAB, SECOND)]).toEqual([['svr1'], []]);
    expect(first.lost).toBe(0);
  });
});
