import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boot, linkDown, linkUp, powerLoss } from '../../scripts/lab/index.ts';
import type { HostStatus } from '../../src/core/status.ts';
import type { StatusDocument } from '../../src/report/status-document.ts';
import { differences, fingerprint } from '../lab/support/fingerprint.ts';
import { cannotRunLab, HOSTS, onHost, peerOf, redundant, type HostName } from '../lab/support/pair.ts';
import { run } from '../lab/support/run.ts';
import { until } from '../lab/support/until.ts';
import { aftermath, finish } from './support/aftermath.ts';
import { CHANGED, NEW_NGINX } from './support/changed.ts';
import { control, runIt, type Controller } from './support/controller.ts';
import { damaged, readOnly } from './support/damage.ts';
import { bringUp, faultLab, takeDown } from './support/fault-lab.ts';
import { row } from './support/row.ts';

const LAB = faultLab('armed-undo');
const CLI = fileURLToPath(new URL('../../bin/run-playbook.js', import.meta.url));

/** A host in the middle of a run, its undo armed. */
interface Met {
  readonly host: HostName;
  readonly before: Awaited<ReturnType<typeof fingerprint>>;
  readonly controller: Controller;
}

/** Starts a run, up to a boundary on the standby. */
async function upTo(boundary: string, options: readonly string[] = []): Promise<Met> {
  const host = peerOf(await redundant(LAB));
  const before = await fingerprint(LAB, host);
  const controller = control(LAB, 'phase1', { options: [...CHANGED, ...options] });
  await controller.reaches(new RegExp(boundary.replace('HOST', host)));
  return { host, before, controller };
}

/** A host whose undo is armed, and which nobody works on any more. */
async function abandoned(): Promise<Met> {
  const met = await upTo('change-done HOST service keepalived');
  met.controller.signal('SIGKILL');
  await met.controller.ended;
  return met;
}

async function statusOf(host: HostName): Promise<Partial<HostStatus>> {
  const env = { ...process.env, RUN_PLAYBOOK_LAB: LAB };
  const { stdout } = await run([process.execPath, CLI, 'status', '--json'], { env });
  return (JSON.parse(stdout) as StatusDocument).hosts[host] ?? {};
}

/** Makes a host's armed undo fire 3 s after it is armed anew, or the host has booted. */
const HASTEN = `sed -i 's/^OnActiveSec=.*/OnActiveSec=3/' /etc/systemd/system/run-playbook-undo-*.timer`;
const REARM = `systemctl daemon-reload; systemctl restart $(cd /etc/systemd/system; ls run-playbook-undo-*.timer)`;

const armed = (host: HostName) => onHost(LAB, host, 'ls /etc/systemd/system | grep run-playbook-undo || :');

function isCarriedOut(host: HostName): Promise<unknown> {
  return until('the undo has been carried out', 30_000, async () => (await armed(host)) === '');
}

describe.skipIf(cannotRunLab)('an armed undo', () => {
  beforeAll(() => bringUp(LAB));
  afterAll(() => takeDown(LAB));

  test('takes the host back when the controller was killed', async () => {
    await row(LAB, 'armed undo fires after the controller was killed', { lost: 0 }, async () => {
      const { host, before } = await abandoned();
      await onHost(LAB, host, `${HASTEN}; ${REARM}`);
      await isCarriedOut(host);
      await redundant(LAB);
      return finish(LAB, await runIt(LAB, 'phase1'), [0], {
        wrong: differences(before, await fingerprint(LAB, host)),
      });
    });
  });

  test('is seen, and takes the host back after a power loss and a boot', async () => {
    await row(LAB, 'armed undo fires after a power loss', { lost: 0 }, async () => {
      const { host, before } = await abandoned();
      const seen = await statusOf(host);
      expect(seen.armed).toEqual([{ run: seen.kept?.[0], leftMs: expect.any(Number) }]);
      expect(seen.armed?.[0]?.leftMs).toBeGreaterThan(120_000);
      await onHost(LAB, host, HASTEN);
      await powerLoss(LAB, host);
      await boot(LAB, host);
      expect((await statusOf(host)).armed?.map(({ run: id }) => id)).toEqual(seen.kept);
      await isCarriedOut(host);
      await redundant(LAB);
      return finish(LAB, await runIt(LAB, 'phase1'), [0], {
        wrong: differences(before, await fingerprint(LAB, host)),
      });
    });
  });

  test('need not be waited for: a person takes the run back with nothing but the shell of the host', async () => {
    await row(LAB, 'a killed run taken back by hand', { lost: 0 }, async () => {
      const { host, before } = await abandoned();
      const said = await onHost(LAB, host, 'sh /var/lib/run-playbook/undo/*/undo');
      await redundant(LAB);
      const wrong = [
        ...(/^run \w+ is taken back\n$/m.test(said) ? [] : [said]),
        ...differences(before, await fingerprint(LAB, host)),
        ...(await armed(host)).split('\n').filter(Boolean),
      ];
      return finish(LAB, await runIt(LAB, 'phase1'), [0], { wrong });
    });
  });

  test('can be stopped by a person', async () => {
    await row(LAB, 'an armed undo stopped by hand', { lost: 0 }, async () => {
      const { host } = await abandoned();
      const said = await onHost(
        LAB,
        host,
        `timer=run-playbook-undo-$(ls /var/lib/run-playbook/undo).timer
systemctl disable -q --now $timer
systemctl is-active $timer || :; systemctl is-enabled $timer || :`,
      );
      const wrong = said === 'inactive\ndisabled\n' ? [] : [said];
      return finish(LAB, await runIt(LAB, 'phase1'), [0], { wrong });
    });
  });

  test('that a power loss cuts off goes on after the boot', async () => {
    await row(LAB, 'power lost while an armed undo is carried out', { lost: 0 }, async () => {
      const { host, before } = await abandoned();
      await onHost(
        LAB,
        host,
        `${HASTEN}; systemctl daemon-reload
systemctl start --no-block $(cd /etc/systemd/system; ls run-playbook-undo-*.service)
until [ -e /var/lib/run-playbook/undo/*/begun ]; do sleep 0.01; done`,
      );
      await powerLoss(LAB, host);
      await boot(LAB, host);
      await isCarriedOut(host);
      await redundant(LAB);
      return finish(LAB, await runIt(LAB, 'phase1'), [0], {
        wrong: differences(before, await fingerprint(LAB, host)),
      });
    });
  });

  test('takes the host back when nobody may become root there any more', async () => {
    await row(LAB, 'sudo no longer allowed after a guarded change', { lost: 0 }, async () => {
      const { host, before, controller } = await upTo('change-started HOST service keepalived');
      await onHost(LAB, host, 'mv /etc/sudoers.d/deploy /root/');
      const ended = await controller.ended;
      expect(ended.document?.hosts[host]?.rollback?.left).toEqual([
        expect.stringMatching(/sudo.*; on the host: sh \/var\/lib\/run-playbook\/undo\/\w+\/undo$/),
      ]);
      await onHost(LAB, host, `${HASTEN}; ${REARM}`);
      await isCarriedOut(host);
      await onHost(LAB, host, 'mv /root/deploy /etc/sudoers.d/');
      await redundant(LAB);
      return finish(LAB, ended, [1], { wrong: differences(before, await fingerprint(LAB, host)) });
    });
  });

  test('takes the host back while its network is lost, and the run is told when that is back', async () => {
    await row(LAB, 'armed undo fires while the network is lost', { lost: 0 }, async () => {
      const { host, before, controller } = await upTo('change-started HOST service keepalived');
      await linkDown(LAB, host);
      await until('it is armed', 10_000, async () => (await armed(host)) !== '');
      await onHost(LAB, host, `${HASTEN}; ${REARM}`);
      await isCarriedOut(host);
      await linkUp(LAB, host);
      const ended = await controller.ended;
      await redundant(LAB);
      return finish(LAB, ended, [3], { wrong: differences(before, await fingerprint(LAB, host)) });
    });
  });

  test('is not confirmed over the connection that is there: a host that lets nobody in is taken back', async () => {
    await row(LAB, 'nobody let in after a guarded change', { lost: 0 }, async () => {
      const { host, before, controller } = await upTo('change-started HOST service keepalived');
      await onHost(LAB, host, 'systemctl stop ssh.socket ssh.service 2>/dev/null || :');
      const ended = await controller.ended;
      await onHost(LAB, host, 'systemctl start ssh.service');
      return finish(LAB, ended, [3], { wrong: differences(before, await fingerprint(LAB, host)) });
    });
  });

  test('that cannot be ended fails the run, which says so: it never fires after success', async () => {
    await row(LAB, '/etc read-only from the middle of a run', { lost: 0 }, async () => {
      const { host, controller } = await upTo('change-started HOST service keepalived');
      const ended = await damaged(LAB, host, readOnly('/etc'), () => controller.ended);
      expect(JSON.stringify(ended.document?.errors)).toMatch(/its armed undo could not be ended/);
      expect(ended.document?.hosts[host]?.rollback?.left).toEqual([
        expect.stringMatching(/^files keepalived: /),
        expect.stringMatching(/^files nginx: /),
        expect.stringMatching(/^armed undo: /),
      ]);
      return finish(LAB, ended, [1]);
    });
  });

  test('and its confirmation exclude each other, whichever comes first', async () => {
    await row(LAB, 'armed undo fires while it is confirmed', { lost: 0 }, async () => {
      const exits: number[] = [];
      const wrong: string[] = [];
      for (const delayMs of [0, 150, 300, 450, 600, 750]) {
        const host = peerOf(await redundant(LAB));
        const { before, controller } = await upTo('change-done HOST service keepalived', ['-l', host]);
        await pause(delayMs);
        await onHost(
          LAB,
          host,
          'systemctl start --no-block $(cd /etc/systemd/system; ls run-playbook-undo-*.service) 2>/dev/null || :',
        );
        const { exit } = await controller.ended;
        await until('nothing of it runs', 20_000, async () => (await armed(host)) === '');
        const isNew =
          (await onHost(LAB, host, `grep -c '${NEW_NGINX}' /etc/nginx/nginx.conf || :`)) === '1\n';
        const strays = differences(before, await fingerprint(LAB, host));
        if (exit === 0 ? !isNew : exit !== 3 || strays.length > 0) {
          wrong.push(
            `after ${delayMs} ms: ended with ${exit}, and ${strays.join(', ') || 'it is as before'}`,
          );
        }
        exits.push(exit);
        expect(await runIt(LAB, 'phase1')).toMatchObject({ exit: 0 });
      }
      return { exits, wrong: [...wrong, ...(await aftermath(LAB, 'phase1'))] };
    });
  });

  test('is gone after success, and after a reboot', async () => {
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
      return finish(LAB, ended, [0], { wrong });
    });
  });
});
