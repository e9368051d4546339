import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labDown } from '../../scripts/lab/index.ts';
import { aftermath } from '../faults/support/aftermath.ts';
import { control, runIt } from '../faults/support/controller.ts';
import { damaged, otherwise } from '../faults/support/damage.ts';
import { bringUp } from '../faults/support/fault-lab.ts';
import { row } from '../faults/support/row.ts';
import { differences, fingerprint } from './support/fingerprint.ts';
import { cannotRunLab, onHost, peerOf, redundant } from './support/pair.ts';
import { until } from './support/until.ts';

const LAB = `t-faults-${process.pid}`;

const CHANGED = [
  '-e',
  JSON.stringify({ nginx: { keepalive_timeout: 30 }, keepalived: { garp: { master_refresh: 20 } } }),
];

// One of each kind; all of them are in test/faults.
describe.skipIf(cannotRunLab)('a run that goes wrong loses no request, and the next one converges', () => {
  beforeAll(() => bringUp(LAB));
  afterAll(() => labDown({ name: LAB }));

  test.each([
    { fault: 'kill@change-started svr. service keepalived+150', exit: 137 },
    { fault: 'cut@change-started svr. service keepalived+50', exit: 3 },
  ])('$fault', async ({ fault, exit }) => {
    await row(LAB, fault, { lost: 0 }, async () => {
      const met = await runIt(LAB, 'phase1', { options: CHANGED, fault });
      expect(met.exit).toBe(exit);
      return { exits: [met.exit], wrong: await aftermath(LAB, 'phase1') };
    });
  });

  test('what fails on the second host is taken back there, and the first stays changed', async () => {
    await row(LAB, 'refused on the second host', { lost: 0 }, async () => {
      const host = await redundant(LAB);
      const before = await fingerprint(LAB, host);
      const refuses = otherwise('/usr/sbin/keepalived', '*-t*', 'exit 1');
      const met = await damaged(LAB, host, refuses, () => runIt(LAB, 'phase1', { options: CHANGED }));
      expect(met).toMatchObject({
        exit: 3,
        document: { hosts: { [peerOf(host)]: { status: 'changed' } } },
      });
      const strays = differences(before, await fingerprint(LAB, host));
      return { exits: [met.exit], wrong: [...strays, ...(await aftermath(LAB, 'phase1'))] };
    });
  });

  test('interrupted in the middle, and killed with its undo armed: the host is as it was', async () => {
    await row(LAB, 'interrupted, killed', { lost: 0 }, async () => {
      const host = peerOf(await redundant(LAB));
      const before = await fingerprint(LAB, host);
      const first = control(LAB, 'phase1', { options: CHANGED });
      await first.reaches(new RegExp(`change-started ${host} service nginx`));
      first.signal('SIGINT');
      expect(await first.ended).toMatchObject({ exit: 130 });
      expect(differences(before, await fingerprint(LAB, host))).toEqual([]);

      const second = control(LAB, 'phase1', { options: CHANGED });
      await second.reaches(new RegExp(`change-done ${host} service keepalived`));
      second.signal('SIGKILL');
      await second.ended;
      await onHost(LAB, host, 'systemctl start $(cd /etc/systemd/system; ls run-playbook-undo-*.service)');
      await until('it is whole again', 20_000, () => redundant(LAB));
      const strays = differences(before, await fingerprint(LAB, host));
      return { exits: [130, 137], wrong: [...strays, ...(await aftermath(LAB, 'phase1'))] };
    });
  });
});
