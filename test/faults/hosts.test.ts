import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boot, linkDown, linkUp, powerLoss, reset, shutdown } from '../../scripts/lab/index.ts';
import { cannotRunLab, onHost, peerOf, redundant, type HostName } from '../lab/support/pair.ts';
import { aftermath } from './support/aftermath.ts';
import { control, runIt } from './support/controller.ts';
import { damaged, type Damage } from './support/damage.ts';
import { bringUp, faultLab, takeDown } from './support/fault-lab.ts';
import { row, type Done } from './support/row.ts';

const LAB = faultLab('hosts');

const CHANGED = [
  '-e',
  JSON.stringify({ nginx: { keepalive_timeout: 30 }, keepalived: { garp: { master_refresh: 20 } } }),
];

/** Done to a host while a run changes it. */
interface Incident {
  readonly about: string;
  readonly on: 'standby' | 'holder';
  /** The boundary at which it happens. */
  readonly at: string;
  readonly happen: (host: HostName) => Promise<unknown>;
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
    exits: [1, 3, 4],
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
    exits: [1, 3, 4],
    lost: 50,
  },
  {
    about: 'sudo no longer allowed in the middle of a run',
    on: 'standby',
    at: 'change-done HOST files nginx',
    happen: (host) => onHost(LAB, host, 'mkdir /root/sudoers; mv /etc/sudoers.d/* /root/sudoers/'),
    exits: [1, 4],
    lost: 0,
  },
];

async function survive({ on, at, happen, exits }: Incident): Promise<Done> {
  const holder = await redundant(LAB);
  const host = on === 'holder' ? holder : peerOf(holder);
  const controller = control(LAB, 'phase1', { options: CHANGED });
  await controller.reaches(new RegExp(at.replace('HOST', host)));
  await happen(host);
  const { exit, stderr } = await controller.ended;
  await onHost(
    LAB,
    host,
    '[ ! -d /root/sudoers ] || { mv /root/sudoers/* /etc/sudoers.d/; rmdir /root/sudoers; }',
  );
  const wrong = exits.includes(exit) ? [] : [`ended with ${exit}: ${stderr}`];
  wrong.push(...(await aftermath(LAB, 'phase1')));
  return { exits: [exit], wrong };
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
    about: 'a full journal',
    inflict: `mkdir -p /var/log/journal; mount -t tmpfs -o size=1m tmpfs /var/log/journal
dd if=/dev/zero of=/var/log/journal/full bs=64k count=20 2>/dev/null || :; systemctl restart systemd-journald`,
    repair: 'umount -l /var/log/journal; systemctl restart systemd-journald',
    exit: 0,
  },
];

async function cope(condition: Condition): Promise<Done> {
  const host = peerOf(await redundant(LAB));
  const wrong: string[] = [];
  const { exit, document, stderr } = await damaged(LAB, host, condition, () =>
    runIt(LAB, 'phase1', { options: condition.options ?? CHANGED }),
  );
  const said = JSON.stringify(document?.errors ?? stderr);
  if (exit !== condition.exit) {
    wrong.push(`ended with ${exit}: ${said}`);
  }
  wrong.push(...(await aftermath(LAB, 'phase1')));
  return { exits: [exit], wrong };
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
      const { exit, document } = await runIt(LAB, 'phase1', { options: CHANGED });
      await boot(LAB, host);
      expect(document?.hosts[peerOf(host)]?.applied ?? []).toEqual([]);
      return {
        exits: [exit],
        wrong: [...(exit === 4 ? [] : [`${exit}`]), ...(await aftermath(LAB, 'phase1'))],
      };
    });
  });

  test('is installed anew from scratch: one run makes it part of the pair again', async () => {
    await row(LAB, 'a host reinstalled from scratch', { lost: 0 }, async () => {
      const host = peerOf(await redundant(LAB));
      await reset(LAB, host);
      const { exit } = await runIt(LAB, 'phase1');
      return {
        exits: [exit],
        wrong: [...(exit === 0 ? [] : [`${exit}`]), ...(await aftermath(LAB, 'phase1'))],
      };
    });
  });
});
