import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enterCommand, labDown, labUp } from '../../scripts/lab/index.ts';
import { restartBehindProxy } from '../../roles/nginx/behind-proxy.ts';
import type { RunDocument } from '../../src/report/document.ts';
import { startClients, tell } from './support/clients.ts';
import {
  cannotRunLab,
  holder,
  HOSTS,
  onHost,
  peerOf,
  phase1,
  phase2,
  VIP,
  type HostName,
} from './support/pair.ts';
import { run } from './support/run.ts';

const LAB = `t-upgrade-${process.pid}`;

/** How often the way there and back is gone; the figures of the documentation are of five times. */
const TIMES = Number(process.env['RUN_PLAYBOOK_REPEAT'] ?? 1);

/** One variable of each service, none of which needs a restart. */
const CHANGED = [
  { nginx: { keepalive_timeout: 30 } },
  { haproxy: { defaults: { retries: 2 } } },
  { keepalived: { garp: { master_refresh: 20 } } },
].flatMap((vars) => ['-e', JSON.stringify(vars)]);

/** HAProxy on port 80 of the VIP. */
const FRONT = ['-e', '{"haproxy":{"frontends":{"http-in":{"bind":["vip:80","*:8000"]}}}}'];

const targetAt = (port: number) => ({ address: VIP, port, path: '/', host: VIP });

/** A move of the VIP may take as long as in phase 1: 0.3 s, at 200 requests a second. */
const A_MOVE = 60;

/** What clients lose on ports 80 and 8000, 200 requests a second on each, while `work` is done. */
async function lostDuring(what: string, work: () => Promise<unknown>): Promise<readonly number[]> {
  const clients = await startClients(LAB, { targets: [80, 8000].map(targetAt), intervalMs: 5 });
  await work();
  await clients.served();
  const report = await clients.stop();
  tell(what, report);
  return report.targets.map(({ lost }) => lost);
}

/** What clients lose on port 80 while a run succeeds. */
async function lostOn80(what: string, play: () => Promise<RunDocument>): Promise<number> {
  const [lost = Infinity] = await lostDuring(what, async () => {
    const { exit, errors } = await play();
    expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
  });
  return lost;
}

/** Who answered each of `count` requests from a client of the VIP, as the reference's acceptance loop asks. */
async function answers(port: number, count: number): Promise<readonly string[]> {
  const ask = `fetch('http://${VIP}:${port}').then((got) => got.text()).then((page) => /svr\\d/.exec(page)?.[0])`;
  const script = `const asked = []; for (let i = 0; i < ${count}; i++) asked.push(await ${ask}); console.log(JSON.stringify(asked))`;
  const { stdout } = await run(enterCommand(LAB, [process.execPath, '--input-type=module', '-e', script]));
  return JSON.parse(stdout) as string[];
}

describe.skipIf(cannotRunLab)('the upgrade of a running pair to phase 2, and the way back', () => {
  beforeAll(async () => {
    await labUp({ name: LAB });
    const { exit, errors } = await phase1(LAB);
    expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
  });

  afterAll(() => labDown({ name: LAB }));

  it.each(Array.from({ length: TIMES }, (_, index) => index + 1))(
    'loses no request, time %i',
    async () => {
      const [on80] = await lostDuring('phase 1 to phase 2', async () => {
        const { exit, errors, watch } = await phase2(LAB);
        expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
        expect(watch?.targets.map(({ lost }) => lost)).toEqual([0, 0]);
      });
      expect(on80).toBe(0);

      const again = await lostDuring('phase 2 again, a variable of each service changed', async () => {
        const { exit, hosts } = await phase2(LAB, ...CHANGED);
        expect(exit).toBe(0);
        expect(hosts['svr1']?.applied.map(({ id }) => id)).toEqual([
          'files nginx',
          'service nginx',
          'files haproxy',
          'service haproxy',
          'files keepalived',
          'service keepalived',
        ]);
      });
      expect(again).toEqual([0, 0]);

      const [back] = await lostDuring('phase 2 to phase 1', async () => {
        const { exit, errors } = await phase1(LAB);
        expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
      });
      expect(back).toBe(0);
    },
    180_000,
  );

  it('upgrades the standby first, whichever host that is', async () => {
    const first = await holder(LAB);
    await onHost(LAB, first, 'systemctl stop keepalived');
    await expect.poll(() => holder(LAB), { timeout: 5000 }).toBe(peerOf(first));
    await onHost(LAB, first, 'systemctl start keepalived');
    const { exit, errors } = await phase2(LAB);
    expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
    const started = await Promise.all(
      HOSTS.map(async (host) =>
        Number(await onHost(LAB, host, 'date +%s%N -d "$(systemctl show -P ActiveEnterTimestamp haproxy)"')),
      ),
    );
    const order = HOSTS.toSorted(
      (a, b) => (started[HOSTS.indexOf(a)] ?? 0) - (started[HOSTS.indexOf(b)] ?? 0),
    );
    expect(order).toEqual([first, peerOf(first)]);
  });

  it('then alternates between the servers, and nginx logs who the client is', async () => {
    const asked = await answers(8000, 8);
    expect(asked.filter((host, index) => host === asked[index - 1])).toEqual([]);
    expect(new Set(asked)).toEqual(new Set(HOSTS));
    for (const host of HOSTS) {
      const log = await onHost(LAB, host, 'tail -n 3 /var/log/nginx/access.log');
      expect(log).toMatch(/^172\.25\.254\.1 /m);
    }
    const [clean] = [await phase2(LAB)];
    expect(Object.values(clean.hosts).map(({ status }) => status)).toEqual(['ok', 'ok']);
  });

  it('takes the VIP’s way back however a restart of nginx ends, and repairs what nobody could', async () => {
    const track = '/run/ha-track/haproxy';
    const cutShort = `sh -c "$RESTART" & restart=$!; until grep -qx 1 ${track}; do sleep 0.02; done`;
    const standby = peerOf(await holder(LAB));
    await onHost(
      LAB,
      standby,
      `RESTART=$(cat); export RESTART; ${cutShort}; kill $restart; wait $restart || [ $? = 143 ]; grep -qx 0 ${track}`,
      restartBehindProxy().text,
    );

    await onHost(LAB, standby, `echo 1 >${track}; touch -d '-1 minute' ${track}`);
    const { exit, hosts } = await phase2(LAB);
    expect(exit).toBe(0);
    expect(hosts[standby]?.applied.map(({ id }) => id)).toEqual(['task track file of haproxy']);
    expect(await onHost(LAB, standby, `cat ${track}`)).toBe('0\n');
  });

  it('asks nginx for another path and loses nothing', async () => {
    const lost = await lostDuring('another health path', async () => {
      const { exit, errors } = await phase2(LAB, '-e', 'nginx.health.path=/alive');
      expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
    });
    expect(lost).toEqual([0, 0]);
    const back = await lostDuring('and for the one before', async () => {
      const { exit, errors } = await phase2(LAB);
      expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
    });
    expect(back).toEqual([0, 0]);
  }, 180_000);

  it('takes port 80 of the VIP for HAProxy, and gives it back', async () => {
    const socketsOf = async (host: HostName) =>
      (await onHost(LAB, host, "ss -Hltn | awk '{ print $4 }'")).split('\n');
    const take = () => phase2(LAB, '--max-lost', '30', ...FRONT);

    const there = await lostOn80('HAProxy takes port 80', take);
    expect(await socketsOf('svr1')).toEqual(
      expect.arrayContaining([`${VIP}:80`, '172.25.254.131:80', '127.0.0.1:80', '0.0.0.0:8000']),
    );
    expect(await onHost(LAB, 'svr1', 'cat /etc/sysctl.d/*nonlocal*')).toContain('ip_nonlocal_bind = 1');
    expect(new Set(await answers(80, 4))).toEqual(new Set(HOSTS));

    // The variable is gone, and HAProxy still listens there.
    const given = await lostOn80('HAProxy gives port 80 back', () => phase2(LAB, '--max-lost', '30'));
    for (const host of HOSTS) {
      const sockets = await socketsOf(host);
      expect(sockets).toEqual(expect.arrayContaining(['0.0.0.0:80', '0.0.0.0:8000']));
      expect(sockets).not.toContain(`${VIP}:80`);
    }

    // The VIP leaves a host whose listener changes.
    expect(Math.max(there, given)).toBeLessThanOrEqual(A_MOVE);
  }, 240_000);

  it.runIf(TIMES > 1)('goes back to phase 1 with port 80 taken, and the variable gone', async () => {
    await phase2(LAB, '--max-lost', '30', ...FRONT);
    const back = await lostOn80('nginx takes port 80 back', () => phase1(LAB));
    expect(back).toBeLessThanOrEqual(A_MOVE);
  });
});
