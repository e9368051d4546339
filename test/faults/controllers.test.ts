import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boot, powerLoss } from '../../scripts/lab/index.ts';
import { differences, fingerprint } from '../lab/support/fingerprint.ts';
import { cannotRunLab, HOSTS, onHost, peerOf, redundant, type HostName } from '../lab/support/pair.ts';
import { until } from '../lab/support/until.ts';
import { aftermath } from './support/aftermath.ts';
import { control, inTerminal, runIt, type Ended } from './support/controller.ts';
import { bringUp, faultLab, takeDown } from './support/fault-lab.ts';
import { row, type Done } from './support/row.ts';

const LAB = faultLab('controllers');

const CHANGED = [
  '-e',
  JSON.stringify({ nginx: { keepalive_timeout: 30 }, keepalived: { garp: { master_refresh: 20 } } }),
];

async function finish(ended: Ended, expected: number, wrong: readonly string[] = []): Promise<Done> {
  return {
    exits: [ended.exit],
    wrong: [
      ...(ended.exit === expected ? [] : [`ended with ${ended.exit}: ${ended.stderr}`]),
      ...wrong,
      ...(await aftermath(LAB, 'phase1')),
    ],
  };
}

/** Makes a host's armed undo fire in some seconds instead of minutes. */
function hasten(host: HostName): Promise<string> {
  return onHost(
    LAB,
    host,
    `timer=$(ls /etc/systemd/system/run-playbook-undo-*.timer)
sed -i 's/^OnActiveSec=.*/OnActiveSec=3/' "$timer"; systemctl daemon-reload; systemctl restart "\${timer##*/}"`,
  );
}

/** Says something while a run works on the host. */
const BUSY =
  'flock -n /run/run-playbook.lock true || echo locked; ls /var/lib/run-playbook/undo 2>/dev/null || :';

const armed = (host: HostName) => onHost(LAB, host, 'ls /etc/systemd/system | grep run-playbook-undo || :');

describe.skipIf(cannotRunLab)('a controller', () => {
  beforeAll(() => bringUp(LAB));
  afterAll(() => takeDown(LAB));

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'that gets %s ends the running change, takes the host back and frees the locks',
    async (signal) => {
      await row(LAB, `${signal} once`, { lost: 0 }, async () => {
        const host = peerOf(await redundant(LAB));
        const before = await fingerprint(LAB, host);
        const controller = control(LAB, 'phase1', { options: CHANGED });
        await controller.reaches(new RegExp(`change-started ${host} service nginx`));
        controller.signal(signal);
        const ended = await controller.ended;
        const strays = differences(before, await fingerprint(LAB, host));
        return finish(ended, 130, strays);
      });
    },
  );

  test('whose terminal is closed takes the host back and frees the locks', async () => {
    await row(LAB, 'terminal closed', { lost: 0 }, async () => {
      const host = peerOf(await redundant(LAB));
      const before = await fingerprint(LAB, host);
      const terminal = inTerminal(LAB, 'phase1', CHANGED);
      await terminal.shows(new RegExp(`boundary \\d+: change-started ${host} service nginx`));
      terminal.close();
      await until('its locks are free', 60_000, async () => (await onHost(LAB, host, BUSY)) === '');
      return finish(await runIt(LAB, 'phase1'), 0, differences(before, await fingerprint(LAB, host)));
    });
  });

  test('that gets Ctrl-C twice quits at once and tells how to go on; the next run recovers the host', async () => {
    await row(LAB, 'Ctrl-C twice', { lost: 0 }, async () => {
      const host = peerOf(await redundant(LAB));
      const controller = control(LAB, 'phase1', { options: CHANGED });
      await controller.reaches(new RegExp(`change-started ${host} service nginx`));
      controller.signal('SIGINT');
      setTimeout(() => controller.signal('SIGINT'), 350);
      const ended = await controller.ended;
      return finish(ended, 130, /see what is left to do/.test(ended.stderr) ? [] : [ended.stderr]);
    });
  });

  test('that is not alone waits outside: one of two runs is told who works there', async () => {
    await row(LAB, 'both controllers at once', { lost: 0 }, async () => {
      const first = control(LAB, 'phase1', { options: CHANGED });
      await first.reaches(/change-started/);
      const second = await runIt(LAB, 'phase1', { options: ['-e', '{"nginx":{"keepalive_timeout":45}}'] });
      const ended = await first.ended;
      const said = JSON.stringify(second.document?.errors);
      const wrong =
        second.exit === 6 && /phase1 by /.test(said) ? [] : [`the second ended with ${second.exit}: ${said}`];
      return finish(ended, 0, wrong);
    });
  });

  test('that is killed in a guarded change leaves a host that takes it back by itself', async () => {
    await row(LAB, 'armed undo fires after the controller was killed', { lost: 0 }, async () => {
      const host = peerOf(await redundant(LAB));
      const before = await fingerprint(LAB, host);
      const controller = control(LAB, 'phase1', { options: CHANGED });
      await controller.reaches(new RegExp(`change-done ${host} service keepalived`));
      controller.signal('SIGKILL');
      await controller.ended;
      await hasten(host);
      await until('the undo has been carried out', 20_000, async () => (await armed(host)) === '');
      await redundant(LAB);
      return finish(await runIt(LAB, 'phase1'), 0, differences(before, await fingerprint(LAB, host)));
    });
  });

  test('that is killed, and the host loses its power too: it takes the run back after it has booted', async () => {
    await row(LAB, 'armed undo fires after a power loss', { lost: 0 }, async () => {
      const host = peerOf(await redundant(LAB));
      const before = await fingerprint(LAB, host);
      const controller = control(LAB, 'phase1', { options: CHANGED });
      await controller.reaches(new RegExp(`change-done ${host} service keepalived`));
      controller.signal('SIGKILL');
      await controller.ended;
      await onHost(
        LAB,
        host,
        "sed -i 's/^OnActiveSec=.*/OnActiveSec=3/' /etc/systemd/system/run-playbook-undo-*.timer; sync",
      );
      await powerLoss(LAB, host);
      await boot(LAB, host);
      await until('the undo has been carried out', 30_000, async () => (await armed(host)) === '');
      await redundant(LAB);
      return finish(await runIt(LAB, 'phase1'), 0, differences(before, await fingerprint(LAB, host)));
    });
  });

  test('that succeeded leaves nothing armed, not after a reboot either', async () => {
    await row(LAB, 'no armed undo after success and a power loss', { lost: 0 }, async () => {
      const ended = await runIt(LAB, 'phase1', { options: CHANGED });
      const host = peerOf(await redundant(LAB));
      const left = await Promise.all(HOSTS.map(armed));
      const before = await fingerprint(LAB, host);
      await powerLoss(LAB, host);
      await boot(LAB, host);
      await redundant(LAB);
      expect(await onHost(LAB, host, "journalctl -b -o cat | grep -c 'run-playbook-undo' || :")).toBe('0\n');
      const wrong = [...left.filter(Boolean), ...differences(before, await fingerprint(LAB, host))];
      return finish(ended, 0, wrong);
    });
  });
});
