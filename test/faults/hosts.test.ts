import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boot, linkDown, linkUp, powerLoss, reset, shutdown } from '../../scripts/lab/index.ts';
import { differences, fingerprint } from '../lab/support/fingerprint.ts';
import { cannotRunLab, HOSTS, onHost, peerOf, redundant, VIP, type HostName } from '../lab/support/pair.ts';
import { besideForeignHost, STRANGER, whileAdvertised } from '../lab/support/stranger.ts';
import { aftermath, finish } from './support/aftermath.ts';
import { CHANGED } from './support/changed.ts';
import { jumpClock, mendClock, prepareClock } from './support/clock.ts';
import { control, runIt, type Ended } from './support/controller.ts';
import { damaged, fullFrom, type Damage } from './support/damage.ts';
import { bringUp, faultLab, takeDown } from './support/fault-lab.ts';
import { row, type Done } from './support/row.ts';

const LAB = faultLab('hosts');

/** What the login user may do as root, in sudo's words; as the lab has it when left out. */
async function allow(host: HostName, commands = 'NOPASSWD: ALL'): Promise<void> {
  await onHost(
    LAB,
    host,
    `printf '%s\\n' 'deploy ALL=(ALL:ALL) ${commands}' >/etc/sudoers.d/deploy; visudo -cq`,
  );
}

/** Done to a host while a run changes it. */
interface Incident {
  readonly about: string;
  readonly on: 'standby' | 'holder';
  /** The boundary at which it happens. */
  readonly at: string;
  readonly happen: (host: HostName) => Promise<unknown>;
  readonly prepare?: (host: HostName) => Promise<unknown>;
  /** Done once the run has ended; tells what is wrong then. */
  readonly mend?: (host: HostName) => Promise<readonly string[] | void>;
  /** What the trouble says. */
  readonly told?: RegExp;
  readonly exits: readonly number[];
  /** A power loss of the holder costs up to 0.58 s. */
  readonly lost: number;
}

const INCIDENTS: readonly Incident[] = [
  {
    about: 'network lost for 30 s in the middle of a change',
    on: 'standby',
    at: 'change-started HOST service nginx',
    happen: async (host) => {
      await linkDown(LAB, host);
      await pause(30_000);
      await linkUp(LAB, host);
    },
    exits: [0, 3],
    lost: 0,
  },
  {
    about: 'host powered off in the middle of a change, and back',
    on: 'standby',
    at: 'change-started HOST service nginx',
    happen: async (host) => {
      await powerLoss(LAB, host);
      await boot(LAB, host);
    },
    exits: [3],
    lost: 0,
  },
  {
    about: 'host powered off in the middle of a change, and back',
    on: 'holder',
    at: 'change-started HOST files keepalived',
    happen: async (host) => {
      await powerLoss(LAB, host);
      await boot(LAB, host);
    },
    exits: [3],
    lost: 50,
  },
  {
    about: 'sudo no longer allowed in the middle of a run',
    on: 'standby',
    at: 'change-done HOST files nginx',
    happen: (host) => allow(host, '!ALL'),
    mend: (host) => allow(host),
    told: /sudo.*not as before: svr\d: .*sudo.*; on the host: sh .*undo/,
    exits: [1],
    lost: 0,
  },
  {
    about: 'sudo that no longer allows the shell of most commands',
    on: 'standby',
    at: 'change-done HOST files nginx',
    happen: (host) => allow(host, 'NOPASSWD: ALL, !/usr/bin/sh -s'),
    mend: (host) => allow(host),
    told: /sudo.*not as before: svr\d: .*sudo.*; on the host: sh .*undo/,
    exits: [1],
    lost: 0,
  },
  {
    about: 'sudo that no longer allows what only the lock needed',
    on: 'standby',
    at: 'change-done HOST files nginx',
    happen: (host) => allow(host, 'NOPASSWD: ALL, !/usr/bin/sh -c *'),
    mend: (host) => allow(host),
    exits: [0],
    lost: 0,
  },
  ...([1, -1] as const).map((hours) => ({
    about: `a clock that jumps an hour ${hours > 0 ? 'ahead' : 'back'} in the middle of a run`,
    on: 'standby' as const,
    at: 'change-started HOST service nginx',
    prepare: (host: HostName) => prepareClock(LAB, host),
    happen: (host: HostName) => jumpClock(LAB, host, hours),
    mend: async (host: HostName) => {
      // Still on the clock that jumped.
      const wrong = await aftermath(LAB, 'phase1', CHANGED);
      await mendClock(LAB, host);
      return wrong;
    },
    exits: [0],
    lost: 0,
  })),
];

async function survive({ on, at, prepare, happen, mend, told, exits }: Incident): Promise<Done> {
  const holder = await redundant(LAB);
  const host = on === 'holder' ? holder : peerOf(holder);
  await prepare?.(host);
  const controller = control(LAB, 'phase1', { options: CHANGED });
  await controller.reaches(new RegExp(at.replace('HOST', host)));
  await happen(host);
  const ended = await controller.ended;
  const said = JSON.stringify(ended.document?.errors ?? ended.stderr);
  const wrong = (told?.test(said) ?? true) ? [] : [said];
  return finish(LAB, ended, exits, { wrong: [...wrong, ...((await mend?.(host)) ?? [])] });
}

/** How a host stands before a run begins. */
interface Condition extends Damage {
  readonly about: string;
  /** What the run changes; a variable of each service when left out. */
  readonly options?: readonly string[];
  readonly exit: number;
}

/** Takes apt's lock as apt does; gives it back after that many seconds. */
const holdApt = (seconds: number) => `perl -MFcntl -e 'open F, ">>", "/var/lib/dpkg/lock-frontend" or die;
fcntl(F, F_SETLK, pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0)) or die; print "held\\n"; sleep ${seconds}'`;

const CONDITIONS: readonly Condition[] = [
  {
    about: 'apt held by another process for 10 s',
    inflict: `DEBIAN_FRONTEND=noninteractive apt-get remove -y -q keepalived >/dev/null 2>&1
systemd-run -q --unit=hold-apt sh -c ${JSON.stringify(holdApt(10)).replaceAll('$', '\\$')}`,
    repair: 'systemctl stop hold-apt 2>/dev/null || :; systemctl reset-failed hold-apt 2>/dev/null || :',
    exit: 0,
  },
  {
    about: 'broken dpkg state: keepalived unpacked, and not configured',
    inflict: `sed -i '/^Package: keepalived$/,/^$/s/^Status: .*/Status: install ok unpacked/' /var/lib/dpkg/status
systemctl stop keepalived`,
    repair: ':',
    exit: 0,
  },
  {
    about: 'files from an hour ahead: the clock was set back',
    inflict: "touch -d '+1 hour' /etc/nginx/nginx.conf /etc/keepalived/keepalived.conf",
    repair: ':',
    options: [],
    exit: 0,
  },
  {
    about: 'sshd that allows one session per connection',
    inflict: 'echo "MaxSessions 1" >/etc/ssh/sshd_config.d/one.conf; systemctl reload ssh',
    repair: 'rm /etc/ssh/sshd_config.d/one.conf; systemctl reload ssh',
    exit: 0,
  },
  {
    about: 'no space left in /etc while files are renamed: that needs none',
    ...fullFrom('/etc', '/usr/sbin/nginx', '*-t*'),
    exit: 0,
  },
  {
    about: 'a full journal',
    inflict: `mkdir -p /var/log/journal; mount -t tmpfs -o size=1m tmpfs /var/log/journal
dd if=/dev/zero of=/var/log/journal/full bs=64k count=20 2>/dev/null || :; systemctl restart systemd-journald`,
    repair: 'umount -l /var/log/journal; systemctl restart systemd-journald',
    exit: 0,
  },
];

async function cope(condition: Condition): Promise<Done> {
  const host = peerOf(await redundant(LAB));
  const met = await damaged(LAB, host, condition, () =>
    runIt(LAB, 'phase1', { options: condition.options ?? CHANGED }),
  );
  return finish(LAB, met, [condition.exit]);
}

describe.skipIf(cannotRunLab)('a host that', () => {
  beforeAll(() => bringUp(LAB));
  afterAll(() => takeDown(LAB));

  test.each(INCIDENTS)('has $about, on the $on: the next run converges', async (incident) => {
    await row(LAB, `${incident.about}, on the ${incident.on}`, { lost: incident.lost }, () =>
      survive(incident),
    );
  });

  test.each(CONDITIONS)(
    'has $about: the run says so or copes, and the next run converges',
    async (condition) => {
      await row(LAB, condition.about, { lost: 0 }, () => cope(condition));
    },
  );

  test('is down: nothing is changed on its peer', async () => {
    await row(LAB, 'the peer down', { lost: 0 }, async () => {
      const host = peerOf(await redundant(LAB));
      await shutdown(LAB, host);
      const met = await runIt(LAB, 'phase1', { options: CHANGED });
      await boot(LAB, host);
      expect(met.document?.hosts[peerOf(host)]?.applied ?? []).toEqual([]);
      return finish(LAB, met, [4]);
    });
  });

  test('is installed anew from scratch: one run makes it part of the pair again', async () => {
    await row(LAB, 'a host reinstalled from scratch', { lost: 0 }, async () => {
      await reset(LAB, peerOf(await redundant(LAB)));
      return finish(LAB, await runIt(LAB, 'phase1'), [0]);
    });
  });

  test.each([
    {
      about: 'has the virtual IP',
      beside: (work: (who: string) => Promise<Ended>) => besideForeignHost(LAB, VIP, work),
      code: 'HA142',
    },
    {
      about: 'says that it holds the virtual IP',
      beside: (work: (who: string) => Promise<Ended>) =>
        whileAdvertised(LAB, { id: 62, addresses: [VIP] }, () => work(STRANGER.address)),
      code: 'HA141',
    },
  ])('is foreign and $about: the run names it, and changes nothing', async ({ about, beside, code }) => {
    await row(LAB, `a foreign host that ${about}`, { lost: 0 }, async () => {
      await redundant(LAB);
      const before = await Promise.all(HOSTS.map((host) => fingerprint(LAB, host)));
      let name = '';
      const met = await beside((who) => {
        name = who;
        return runIt(LAB, 'phase1', { options: CHANGED });
      });
      expect(met.document?.errors).toMatchObject([{ code, what: expect.stringContaining(name) }]);
      expect(met.boundaries).toEqual([]);
      const after = await Promise.all(HOSTS.map((host) => fingerprint(LAB, host)));
      const wrong = before.flatMap((was, index) => differences(was, after[index] ?? new Map()));
      return finish(LAB, met, [5], { wrong });
    });
  });
});
