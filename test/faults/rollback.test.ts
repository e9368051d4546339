import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { differences, fingerprint } from '../lab/support/fingerprint.ts';
import { cannotRunLab, peerOf, redundant, type HostName } from '../lab/support/pair.ts';
import { aftermath } from './support/aftermath.ts';
import { runIt, type Ended } from './support/controller.ts';
import { damaged, full, otherwise, readOnly, type Damage } from './support/damage.ts';
import { bringUp, faultLab, takeDown } from './support/fault-lab.ts';
import { row, type Done } from './support/row.ts';

const LAB = faultLab('rollback');

/** Something else for nginx and for keepalived, so that what fails has something before it to take back. */
const CHANGED = [
  '-e',
  JSON.stringify({ nginx: { keepalive_timeout: 30 }, keepalived: { garp: { master_refresh: 20 } } }),
];
const NEW_NGINX = 'keepalive_timeout 30';

const HANGS = 'sleep 600';
/** A service whose configuration is valid, and which does not take it. */
const REFUSES = `! grep -q '${NEW_NGINX}' /etc/nginx/nginx.conf || exit 1`;

interface Fault {
  readonly about: string;
  /** Which of the two: the first one changed is the standby. */
  readonly on: 'standby' | 'holder';
  readonly damage: Damage;
  readonly exit: number;
  /** What the trouble says. */
  readonly told: RegExp;
  readonly lost?: number;
}

const FAULTS: readonly Fault[] = [
  {
    about: 'a validator that refuses',
    on: 'standby',
    damage: otherwise('/usr/sbin/keepalived', '*-t*', 'exit 1'),
    exit: 3,
    told: /staged configuration is not valid/,
  },
  {
    about: 'a template that breaks only on the second host',
    on: 'holder',
    damage: otherwise('/usr/sbin/keepalived', '*-t*', 'exit 1'),
    exit: 3,
    told: /staged configuration is not valid/,
  },
  {
    about: 'a validator that hangs',
    on: 'standby',
    damage: otherwise('/usr/sbin/keepalived', '*-t*', HANGS),
    exit: 3,
    told: /did not end within|60 s/,
  },
  {
    about: 'a service that passes validation and fails to start',
    on: 'standby',
    damage: otherwise('/usr/sbin/nginx', '*-t*) : ;; *', REFUSES),
    exit: 3,
    told: /nginx/,
  },
  {
    about: 'no space left in /etc while files are staged',
    on: 'standby',
    damage: full('/etc'),
    exit: 3,
    told: /No space left|I\/O error/,
  },
  {
    about: 'no space left where the undo is kept',
    on: 'standby',
    damage: full('/var/lib/run-playbook'),
    exit: 3,
    told: /No space left|I\/O error/,
  },
  {
    about: '/etc read-only',
    on: 'standby',
    damage: readOnly('/etc'),
    exit: 3,
    told: /Read-only file system/,
  },
];

/** A run that meets the fault on a host leaves it as it was, and never begins the other one after it. */
async function meet({ on, damage, exit, told }: Fault): Promise<Done> {
  const holder = await redundant(LAB);
  const host: HostName = on === 'holder' ? holder : peerOf(holder);
  const before = await fingerprint(LAB, host);
  let met: Ended | undefined;
  const wrong: string[] = [];
  await damaged(LAB, host, damage, async () => {
    met = await runIt(LAB, 'phase1', { options: CHANGED });
  });
  wrong.push(
    ...differences(before, await fingerprint(LAB, host)).map((what) => `${host} is not as before: ${what}`),
  );
  const said = JSON.stringify(met?.document?.errors ?? met?.stderr);
  if (met?.exit !== exit || !told.test(said)) {
    wrong.push(`ended with ${met?.exit}: ${said}`);
  }
  const other = met?.document?.hosts[peerOf(host)]?.status;
  if (other !== (on === 'holder' ? 'changed' : 'skipped')) {
    wrong.push(`${peerOf(host)} is ${other}`);
  }
  wrong.push(...(await aftermath(LAB, 'phase1')));
  return { exits: [met?.exit ?? -1], wrong };
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
});
