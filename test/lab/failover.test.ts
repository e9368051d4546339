import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, labDown, labUp, powerLoss } from '../../scripts/lab/index.ts';
import type { WatchReport } from '../../src/core/watch.ts';
import { outageSeconds, startClients, tell } from './support/clients.ts';
import {
  cannotRunLab,
  holder,
  holders,
  HOSTS,
  onHost,
  peerOf,
  phase1,
  redundant,
  type HostName,
} from './support/pair.ts';
import { until } from './support/until.ts';

const LAB = `t-failover-${process.pid}`;

type Deed = (host: HostName) => Promise<unknown>;

interface Fault {
  readonly name: string;
  readonly limitSeconds: number;
  readonly inflict: Deed;
  /** Whether the VIP has to leave the host; otherwise it may. */
  readonly moves: boolean;
  /** What a person does then, the first and the second time; nothing when the pair repairs itself. */
  readonly repairs: readonly Deed[];
}

const systemctl =
  (command: string): Deed =>
  (host) =>
    onHost(LAB, host, `systemctl ${command} nginx`);

const FAULTS: readonly Fault[] = [
  {
    name: 'stopping nginx on the VIP holder',
    limitSeconds: 0.3,
    inflict: systemctl('stop'),
    moves: true,
    repairs: [systemctl('start'), systemctl('start')],
  },
  {
    name: 'killing every nginx process on the VIP holder',
    limitSeconds: 0.3,
    inflict: systemctl('kill --signal=KILL'),
    moves: false,
    repairs: [],
  },
  {
    name: 'a power loss of the VIP holder',
    limitSeconds: 1,
    inflict: (host) => powerLoss(LAB, host),
    moves: true,
    repairs: [(host) => boot(LAB, host), (host) => boot(LAB, host)],
  },
  {
    name: 'an nginx that hangs on the VIP holder',
    limitSeconds: 4,
    inflict: systemctl('kill --signal=STOP'),
    moves: true,
    // The first hangs for good, the second for a while.
    repairs: [systemctl('restart'), systemctl('kill --signal=CONT')],
  },
];

/** What clients see of a fault on the holder and of its repair, from before it until both hosts are healthy again. */
async function survive(fault: Fault, repair: Deed | undefined): Promise<WatchReport> {
  const victim = await redundant(LAB);
  const processes = await nginxProcesses(victim);
  const clients = await startClients(LAB);
  await fault.inflict(victim);
  if (fault.moves) {
    await until('the VIP has moved', 10_000, async () => (await holder(LAB)) === peerOf(victim));
  }
  await clients.served();
  await repair?.(victim);
  await redundant(LAB);
  const report = await clients.stop();
  // A fault that did not happen is survived by anybody; one that hung for a while leaves the processes as they were.
  expect(fault.moves || (await nginxProcesses(victim)) !== processes).toBe(true);
  return report;
}

function nginxProcesses(host: HostName): Promise<string> {
  return onHost(LAB, host, 'systemctl show -P MainPID nginx');
}

describe.skipIf(cannotRunLab)('the pair made by phase 1', () => {
  beforeAll(async () => {
    await labUp({ name: LAB });
    const { exit, errors } = await phase1(LAB);
    expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
  });

  afterAll(() => labDown({ name: LAB }));

  it.each(FAULTS)('survives $name, and then the same on the other host', async (fault) => {
    for (const [time, order] of ['first', 'then on the other host'].entries()) {
      const report = await survive(fault, fault.repairs[time]);
      tell(`${fault.name}, ${order}`, report);
      expect(outageSeconds(report)).toBeLessThanOrEqual(fault.limitSeconds);
    }
  });

  it('would not pass if both hosts lost nginx', async () => {
    await redundant(LAB);
    const clients = await startClients(LAB);
    await Promise.all(HOSTS.map(systemctl('stop')));
    await until('nobody carries the VIP', 10_000, () => holders(LAB).length === 0);
    await Promise.all(HOSTS.map(systemctl('start')));
    await clients.served();
    const report = await clients.stop();
    tell('stopping nginx on both hosts and starting it again', report);
    expect(outageSeconds(report)).toBeGreaterThan(0.3);
  });
});
