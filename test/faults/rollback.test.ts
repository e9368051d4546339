import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { differences, fingerprint } from '../lab/support/fingerprint.ts';
import { cannotRunLab, HOSTS, onHost, peerOf, redundant, type HostName } from '../lab/support/pair.ts';
import { finish } from './support/aftermath.ts';
import { CHANGED, NEW_NGINX, UNHEALTHY } from './support/changed.ts';
import { runIt } from './support/controller.ts';
import { both, damaged, full, fullFrom, NONE, otherwise, readOnly, type Damage } from './support/damage.ts';
import { bringUp, faultLab, takeDown } from './support/fault-lab.ts';
import { row, type Done } from './support/row.ts';

const LAB = faultLab('rollback');

const INVALID = otherwise('/usr/sbin/keepalived', '*-t*', 'exit 1');
const HANGS = 'sleep 600';
/** A service whose configuration is valid, and which does not take it. */
const REFUSES = `! grep -q '${NEW_NGINX}' /etc/nginx/nginx.conf || exit 1`;

/** What a directory without a free block answers. */
const NO_SPACE = 'echo "mv: cannot move to its place: No space left on device" >&2; exit 1';

interface Fault {
  readonly about: string;
  /** Which of the two: the first one changed is the standby. */
  readonly on: 'standby' | 'holder';
  readonly damage: Damage;
  /** What the run changes; a variable of each service when left out. */
  readonly options?: readonly string[];
  /** What the trouble says. */
  readonly told: RegExp;
  readonly lost?: number;
}

const FAULTS: readonly Fault[] = [
  {
    about: 'a validator that refuses',
    on: 'standby',
    damage: INVALID,
    told: /staged configuration is not valid/,
  },
  {
    about: 'a template that breaks only on the second host',
    on: 'holder',
    damage: INVALID,
    told: /staged configuration is not valid/,
  },
  {
    about: 'a validator that hangs',
    on: 'standby',
    damage: otherwise('/usr/sbin/keepalived', '*-t*', HANGS),
    told: /did not end within|60 s/,
  },
  {
    about: 'a service that passes validation and fails to start',
    on: 'standby',
    damage: otherwise('/usr/sbin/nginx', '*-t*) : ;; *', REFUSES),
    told: /nginx/,
  },
  {
    about: 'no space left in /etc while files are staged',
    on: 'standby',
    damage: full('/etc'),
    told: /No space left|I\/O error/,
  },
  {
    about: 'no space left where the undo is kept',
    on: 'standby',
    damage: full('/var/lib/run-playbook'),
    told: /No space left|I\/O error/,
  },
  {
    about: 'no space left in /etc once nginx has what is new: taking it back needs none',
    on: 'standby',
    damage: fullFrom('/etc', '/usr/sbin/nginx', '*-s*reload*'),
    told: /No space left|I\/O error/,
  },
  {
    about: 'no space left where the undo is kept from when files are staged',
    on: 'standby',
    damage: fullFrom('/var/lib/run-playbook', '/usr/sbin/keepalived', '*-t*'),
    told: /No space left|I\/O error/,
  },
  {
    about: 'no space left while files are renamed, the first one done',
    on: 'standby',
    damage: otherwise('/usr/bin/mv', '*/run-playbook-health.conf', NO_SPACE),
    told: /No space left/,
  },
  {
    about: 'a health check that never passes',
    on: 'standby',
    damage: NONE,
    options: UNHEALTHY,
    told: /the service is not as it was.*check_app says unhealthy/,
  },
  {
    about: '/etc read-only',
    on: 'standby',
    damage: readOnly('/etc'),
    told: /Read-only file system/,
  },
];

/** A run that meets the fault on a host leaves it as it was, and never begins the other one after it. */
async function meet({ on, damage, told, options = CHANGED }: Fault): Promise<Done> {
  const holder = await redundant(LAB);
  const host: HostName = on === 'holder' ? holder : peerOf(holder);
  const before = await fingerprint(LAB, host);
  const met = await damaged(LAB, host, damage, () => runIt(LAB, 'phase1', { options }));
  const { errors, hosts } = met.document ?? {};
  const said = JSON.stringify(errors);
  const evidence = readFileSync(hosts?.[host]?.evidence ?? '/dev/null', 'utf8');
  const other = hosts?.[peerOf(host)]?.status;
  const wrong = [
    ...differences(before, await fingerprint(LAB, host)).map((what) => `${host} is not as before: ${what}`),
    ...(told.test(said) ? [] : [said]),
    ...(/^# plan$/m.test(evidence) && /^# journal$/m.test(evidence) ? [] : [`evidence: ${evidence}`]),
    ...(other === (on === 'holder' ? 'changed' : 'skipped') ? [] : [`${peerOf(host)} is ${other}`]),
  ];
  return finish(LAB, met, [3], { wrong });
}

describe.skipIf(cannotRunLab)('a run that fails takes back what it did', () => {
  beforeAll(() => bringUp(LAB));
  afterAll(() => takeDown(LAB));

  test.each(FAULTS)(
    '$about, on the $on: the host is as before, and the next run converges',
    async (fault) => {
      await row(LAB, `${fault.about}, on the ${fault.on}`, { lost: fault.lost ?? 0 }, () => meet(fault));
      expect(await redundant(LAB)).toBeDefined();
    },
  );

  test('with --rollback-batch the hosts that had succeeded are taken back too', async () => {
    await row(LAB, 'the second host fails, --rollback-batch', { lost: 0 }, async () => {
      const holder = await redundant(LAB);
      const before = await Promise.all(HOSTS.map((host) => fingerprint(LAB, host)));
      const options = [...CHANGED, '--rollback-batch'];
      const met = await damaged(LAB, holder, INVALID, () => runIt(LAB, 'phase1', { options }));
      expect(met.boundaries).toContain(`rollback-ended ${peerOf(holder)}`);
      const strays = await Promise.all(
        HOSTS.map(async (host, index) =>
          differences(before[index], await fingerprint(LAB, host)).map(
            (what) => `${host} is not as before: ${what}`,
          ),
        ),
      );
      return finish(LAB, met, [3], { wrong: strays.flat() });
    });
  });

  test('with --no-rollback a host stays as it is, by itself too, and the next run makes it whole', async () => {
    await row(LAB, 'a host fails, --no-rollback', { lost: 0 }, async () => {
      const host = peerOf(await redundant(LAB));
      const options = [...CHANGED, '--no-rollback'];
      const met = await damaged(LAB, host, INVALID, () => runIt(LAB, 'phase1', { options }));
      expect(met.document?.hosts[host]).not.toHaveProperty('rollback');
      const left = await onHost(
        LAB,
        host,
        `grep -c '${NEW_NGINX}' /etc/nginx/nginx.conf; ls /var/lib/run-playbook/undo | wc -l
ls /etc/systemd/system | grep run-playbook-undo || :; systemctl is-active nginx keepalived`,
      );
      expect(left.split('\n')).toEqual(['1', '1', 'active', 'active', '']);
      return finish(LAB, met, [1]);
    });
  });

  test('and lists exactly what is left when it cannot finish; the next run makes that whole', async () => {
    await row(LAB, 'a rollback that cannot finish', { lost: 0 }, async () => {
      const host = peerOf(await redundant(LAB));
      const files = ['/etc/nginx/nginx.conf', '/etc/keepalived/keepalived.conf'];
      const before = await fingerprint(LAB, host);
      // nginx takes what is new, and not again what was.
      const stuck = otherwise('/usr/sbin/nginx', '*-t*) : ;; *', REFUSES.replace('! grep', 'grep'));
      const met = await damaged(LAB, host, both(INVALID, stuck), () =>
        runIt(LAB, 'phase1', { options: CHANGED }),
      );
      const after = await fingerprint(LAB, host);
      expect(met.document?.hosts[host]?.rollback).toEqual({
        undone: ['files keepalived', 'files nginx'],
        stays: [],
        left: [expect.stringMatching(/^service nginx: /)],
      });
      expect(files.map((file) => after.get(file))).toEqual(files.map((file) => before.get(file)));
      const next = await runIt(LAB, 'phase1');
      expect(next.document?.hosts[host]?.applied?.map(({ id }) => id)).toEqual([
        'run unfinished',
        'service nginx',
      ]);
      return finish(LAB, met, [1]);
    });
  });
});
