import { afterAll, beforeAll, describe, test } from 'vitest';
import { differences, fingerprint } from '../lab/support/fingerprint.ts';
import { cannotRunLab, onHost, peerOf, redundant } from '../lab/support/pair.ts';
import { until } from '../lab/support/until.ts';
import { finish } from './support/aftermath.ts';
import { CHANGED } from './support/changed.ts';
import { control, inTerminal, runIt } from './support/controller.ts';
import { bringUp, faultLab, takeDown } from './support/fault-lab.ts';
import { row } from './support/row.ts';

const LAB = faultLab('controllers');

/** Says something while a run works on the host. */
const BUSY =
  'flock -n /run/run-playbook.lock true || echo locked; ls /var/lib/run-playbook/undo 2>/dev/null || :';

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
        return finish(LAB, ended, [130], { wrong: strays });
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
      return finish(LAB, await runIt(LAB, 'phase1'), [0], {
        wrong: differences(before, await fingerprint(LAB, host)),
      });
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
      return finish(LAB, ended, [130], {
        wrong: /see what is left to do/.test(ended.stderr) ? [] : [ended.stderr],
      });
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
      return finish(LAB, ended, [0], { wrong });
    });
  });
});
