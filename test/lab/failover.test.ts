import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, labDown, labUp, powerLoss } from '../../scripts/lab/index.ts';
import { outageSeconds, startClients, tell } from './support/clients.ts';
import { cannotRunLab, holder, onHost, peerOf, phase1, redundant, type HostName } from './support/pair.ts';
import { until } from './support/until.ts';

const LAB = `t-failover-${process.pid}`;

interface Fault {
  readonly name: string;
  readonly limitSeconds: number;
  inflict(host: HostName): Promise<unknown>;
  /** Whether the VIP has to leave the host; otherwise it may. */
  readonly moves: boolean;
  /** What a person has to do; nothing when the pair repairs itself. */
  repair?(host: HostName): Promise<unknown>;
}

const FAULTS: readonly Fault[] = [
  {
    name: 'stopping nginx on the VIP holder',
    limitSeconds: 0.3,
    inflict: (host) => onHost(LAB, host, 'systemctl stop nginx'),
    moves: true,
    repair: (host) => onHost(LAB, host, 'systemctl start nginx'),
  },
  {
    name: 'killing every nginx process on the VIP holder',
    limitSeconds: 0.3,
    inflict: (host) => onHost(LAB, host, 'systemctl kill --signal=KILL nginx'),
    moves: false,
  },
  {
    name: 'a power loss of the VIP holder',
    limitSeconds: 1,
    inflict: (host) => powerLoss(LAB, host),
    moves: true,
    repair: (host) => boot(LAB, host),
  },
  {
    name: 'an nginx that hangs on the VIP holder',
    limitSeconds: 4,
    inflict: (host) => onHost(LAB, host, 'systemctl kill --signal=STOP nginx'),
    moves: true,
    repair: (host) => onHost(LAB, host, 'systemctl restart nginx'),
  },
];

describe.skipIf(cannotRunLab)('the pair made by phase 1', () => {
  beforeAll(async () => {
    await labUp({ name: LAB });
    const { exit, errors } = await phase1(LAB);
    expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
  });

  afterAll(() => labDown({ name: LAB }));

  it.each(FAULTS)(
    'survives $name within $limitSeconds s, and then the same on the other host',
    async (fault) => {
      for (const time of ['first', 'then on the other host']) {
        const victim = await redundant(LAB);
        const clients = await startClients(LAB);
        await fault.inflict(victim);
        if (fault.moves) {
          await until('the VIP has moved', 10_000, async () => (await holder(LAB)) === peerOf(victim));
        }
        await clients.served();
        await fault.repair?.(victim);
        await redundant(LAB);
        const report = await clients.stop();
        tell(`${fault.name}, ${time}`, report);
        expect(outageSeconds(report)).toBeLessThanOrEqual(fault.limitSeconds);
      }
    },
  );
});
