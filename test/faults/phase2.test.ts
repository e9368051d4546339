import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { boot, linkDown, linkUp, powerLoss } from '../../scripts/lab/index.ts';
import { differences, fingerprint } from '../lab/support/fingerprint.ts';
import { cannotRunLab, HOSTS, onHost, peerOf, redundant, type HostName } from '../lab/support/pair.ts';
import { finish } from './support/aftermath.ts';
import { CHANGED2 } from './support/changed.ts';
import { control, runIt, type Ended } from './support/controller.ts';
import { damaged, otherwise, type Damage } from './support/damage.ts';
import { bringUp, faultLab, takeDown } from './support/fault-lab.ts';
import { row } from './support/row.ts';

const LAB = faultLab('phase2');

/** nginx's port and HAProxy's. */
const PORTS = [80, 8000];
/** 0.42 to 0.58 s on both, as in phase 1; the limit of test/lab/failover.test.ts. */
const A_MOVE = 2 * 50;
/** What HAProxy sends to a host that does not answer before it knows: as with an nginx that hangs there. */
const UNTIL_KNOWN = 55;

const SQUAT = `systemctl is-active -q squatter || {
  systemd-run -q --unit=squatter perl -MSocket -e "socket(S, PF_INET, SOCK_STREAM, 0); bind(S, pack_sockaddr_in(8001, INADDR_ANY)) or die; listen(S, 5); sleep"
  until ss -Hltn "sport = :8001" | grep -q .; do sleep 0.05; done
}`;
const INVALID = otherwise('/usr/sbin/haproxy', '*-c*', 'exit 1');
/** A HAProxy whose configuration is valid, and which does not start with it. */
const FAILS_TO_START = otherwise('/usr/sbin/haproxy', '*-c*) : ;; *-v*) : ;; *', 'exit 1');

/** Somebody else has the port by the time HAProxy is to have it, which no validator sees. */
const PORT_TAKEN: Damage = {
  inflict: otherwise('/usr/sbin/haproxy', '*-c*', SQUAT).inflict,
  repair: `${otherwise('/usr/sbin/haproxy', '', '').repair}; systemctl stop squatter || :`,
};

const INSTALL = 'DEBIAN_FRONTEND=noninteractive apt-get install -y -q haproxy >/dev/null 2>&1';

const bothNow = () => Promise.all(HOSTS.map((host) => fingerprint(LAB, host)));

/** What is not as before on either host, besides the package that stays. */
async function strays(before: Awaited<ReturnType<typeof bothNow>>): Promise<readonly string[]> {
  const now = await bothNow();
  return before.flatMap((was, index) =>
    differences(was, now[index] ?? new Map()).map((what) => `${HOSTS[index]} is not as before: ${what}`),
  );
}

describe.skipIf(cannotRunLab)('phase 2', () => {
  beforeAll(() => bringUp(LAB));
  afterAll(() => takeDown(LAB));

  describe('on a pair that has it', () => {
    beforeEach(async () => {
      expect(await runIt(LAB, 'phase2')).toMatchObject({ exit: 0 });
    });

    const INCIDENTS: readonly {
      readonly about: string;
      readonly on: 'standby' | 'holder';
      readonly happen: (host: HostName) => Promise<unknown>;
      readonly exits: readonly number[];
      readonly lost: number;
    }[] = (['standby', 'holder'] as const).flatMap((on) => [
      {
        about: 'host powered off in the middle of a change, and back',
        on,
        happen: async (host: HostName) => {
          await powerLoss(LAB, host);
          await boot(LAB, host);
        },
        exits: [3],
        lost: on === 'standby' ? UNTIL_KNOWN : A_MOVE,
      },
      {
        about: 'network lost for 30 s in the middle of a change',
        on,
        happen: async (host: HostName) => {
          await linkDown(LAB, host);
          await pause(30_000);
          await linkUp(LAB, host);
        },
        // Phase 2 counts what clients lose, and fails because of it.
        exits: [0, 1, 3],
        lost: on === 'standby' ? UNTIL_KNOWN : A_MOVE,
      },
    ]);

    test.each(INCIDENTS)('$about, on the $on: the next run converges', async (incident) => {
      const { about, on, happen, exits, lost } = incident;
      await row(LAB, `phase 2: ${about}, on the ${on}`, { lost, ports: PORTS }, async () => {
        const holder = await redundant(LAB);
        const host = on === 'holder' ? holder : peerOf(holder);
        const controller = control(LAB, 'phase2', { options: CHANGED2 });
        await controller.reaches(new RegExp(`change-started ${host} service haproxy`));
        await happen(host);
        const ended = await controller.ended;
        return finish(LAB, ended, exits, { playbook: 'phase2' });
      });
    });

    const FAULTS: readonly {
      readonly about: string;
      readonly on: 'standby' | 'holder';
      readonly damage: Damage;
      readonly options?: readonly string[];
    }[] = [
      { about: 'a validator that refuses', on: 'holder', damage: INVALID },
      {
        about: 'a HAProxy that finds its configuration valid and cannot load it',
        on: 'standby',
        damage: PORT_TAKEN,
        options: [
          '-e',
          JSON.stringify({ haproxy: { frontends: { 'http-in': { bind: ['*:8000', '*:8001'] } } } }),
        ],
      },
    ];

    test.each(FAULTS)('$about, on the $on: the host is as before', async (fault) => {
      const { about, on, damage, options = CHANGED2 } = fault;
      await row(LAB, `phase 2: ${about}, on the ${on}`, { lost: 0, ports: PORTS }, async () => {
        const holder = await redundant(LAB);
        const host = on === 'holder' ? holder : peerOf(holder);
        const before = await fingerprint(LAB, host);
        const met = await damaged(LAB, host, damage, () => runIt(LAB, 'phase2', { options }));
        expect(met.document?.hosts[peerOf(host)]?.status).toBe(on === 'holder' ? 'changed' : 'skipped');
        const wrong = differences(before, await fingerprint(LAB, host));
        return finish(LAB, met, [3], { playbook: 'phase2', wrong });
      });
    });

    test('and a second controller at once: it is told who works there', async () => {
      await row(LAB, 'phase 2: both controllers at once', { lost: 0, ports: PORTS }, async () => {
        const first = control(LAB, 'phase2', { options: CHANGED2 });
        await first.reaches(/change-started/);
        const second = await runIt(LAB, 'phase1');
        expect([second.exit, JSON.stringify(second.document?.errors)]).toEqual([
          6,
          expect.stringContaining('phase2 by '),
        ]);
        return finish(LAB, await first.ended, [0], { playbook: 'phase2' });
      });
    });
  });

  describe('as an upgrade of phase 1', () => {
    beforeEach(async () => {
      // What stays of a rollback is there before.
      await Promise.all(HOSTS.map((host) => onHost(LAB, host, INSTALL)));
      expect(await runIt(LAB, 'phase1')).toMatchObject({ exit: 0 });
    });

    const UPGRADES: readonly {
      readonly about: string;
      readonly on: 'standby' | 'holder';
      readonly damage: Damage;
      readonly options?: readonly string[];
    }[] = [
      { about: 'a HAProxy that fails to start', on: 'standby', damage: FAILS_TO_START },
      { about: 'a HAProxy that fails to start', on: 'holder', damage: FAILS_TO_START },
      {
        about: 'a HAProxy that fails to start, --rollback-batch',
        on: 'holder',
        damage: FAILS_TO_START,
        options: ['--rollback-batch'],
      },
    ];

    test.each(UPGRADES)('$about, on the $on: nothing of the upgrade is left where it failed', async (one) => {
      const { about, on, damage, options = [] } = one;
      await row(LAB, `upgrade: ${about}, on the ${on}`, { lost: 2 }, async () => {
        const holder = await redundant(LAB);
        const host = on === 'holder' ? holder : peerOf(holder);
        const before = await bothNow();
        const met: Ended = await damaged(LAB, host, damage, () => runIt(LAB, 'phase2', { options }));
        const isWhole = on === 'standby' || options.length > 0;
        const wrong = (await strays(before)).filter((what) => isWhole || what.startsWith(host));
        return finish(LAB, met, [3], { wrong });
      });
    });
  });
});
