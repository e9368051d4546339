import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp } from '../../scripts/lab/index.ts';
import type { LintDocument } from '../../src/report/lint-document.ts';
import { cannotRunLab, holder, HOSTS, onHost, phase1, redundant, VIP } from './support/pair.ts';
import { run } from './support/run.ts';
import { STRANGER, whileAdvertised, whileHeld } from './support/stranger.ts';

const LAB = `t-lint-${process.pid}`;
const CLI = fileURLToPath(new URL('../../bin/run-playbook.js', import.meta.url));
const INVENTORY = fileURLToPath(new URL('../../inventory/hosts.yml', import.meta.url));

/** What `run-playbook lint phase1 --json` told, its findings as `CODE host path: what`. */
async function lint(...options: readonly string[]) {
  const argv = [process.execPath, CLI, 'lint', 'phase1', '--json', '-i', INVENTORY, ...options];
  const { stdout, stderr } = await run(argv, { env: { ...process.env, RUN_PLAYBOOK_LAB: LAB } });
  if (stdout === '') {
    throw new Error(`lint: no document\n${stderr}`);
  }
  const { exit, surveyed, findings, ms } = JSON.parse(stdout) as LintDocument;
  const told = findings.map(({ code, host, path, what }) => `${code} ${host} ${path}: ${what}`);
  return { exit, surveyed, told, ms };
}

const CLEAN = { exit: 0, surveyed: ['svr1', 'svr2'], told: [], ms: expect.any(Number) };
const FOREIGN = `HA142 svr1 keepalived.vips.0.address: is ${VIP}, and ${STRANGER.mac} answers for it, a card of none of svr1, svr2`;

describe.skipIf(cannotRunLab)('the network of two hosts', () => {
  beforeAll(() => labUp({ name: LAB }));
  afterAll(() => labDown({ name: LAB }));

  describe('before anything is installed', () => {
    it('is looked at in a few seconds, and nothing is said against it', async () => {
      const found = await lint();
      expect(found).toEqual(CLEAN);
      process.stdout.write(`    measured  lint of a bare pair: ${found.ms} ms\n`);
      // 1.2 s of listening; the rest is connecting, on a machine that does other things too.
      expect(found.ms).toBeLessThan(5000);
    });

    it('has somebody else with the virtual IP: lint and every plan refuse, and nothing is touched', async () => {
      const [found, planned] = await whileHeld(
        LAB,
        VIP,
        async () => [await lint(), await phase1(LAB)] as const,
      );
      expect([found.exit, found.told]).toEqual([5, [FOREIGN]]);
      expect([planned.exit, planned.errors.map(({ code }) => code)]).toEqual([5, ['HA142']]);
      expect(await Promise.all(HOSTS.map((host) => onHost(LAB, host, 'ls /etc/nginx 2>&1 || :')))).toEqual(
        HOSTS.map(() => expect.stringContaining('No such file')),
      );
    });

    it('has adverts of somebody else for the address: refused', async () => {
      const found = await whileAdvertised(LAB, { id: 62, addresses: [VIP] }, () => lint());
      expect([found.exit, found.told]).toEqual([
        5,
        [
          `HA141 svr1 keepalived.vips.0.virtual_router_id: is 62, which ${STRANGER.address} uses as well, for ${VIP}`,
        ],
      ]);
    });

    it('has a host whose port another program has, and one that cannot look', async () => {
      await onHost(LAB, 'svr1', 'chmod a-x /usr/bin/perl');
      await onHost(
        LAB,
        'svr2',
        `systemd-run --quiet --unit=squatter perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0); bind(S, pack_sockaddr_in(80, INADDR_ANY)) or die; listen(S, 5); sleep'
        until ss -Hltn 'sport = :80' | grep -q .; do sleep 0.05; done`,
      );
      const found = await lint();
      const pid = (
        await onHost(LAB, 'svr2', 'systemctl show -P MainPID squatter; systemctl stop squatter')
      ).trim();
      await onHost(LAB, 'svr1', 'chmod a+x /usr/bin/perl');
      expect([found.exit, found.told]).toEqual([
        5,
        [
          `HA161 svr2 nginx.port: port 80 is taken: perl (pid ${pid}) listens on 0.0.0.0:80`,
          'HA145 svr1 keepalived.vips: the network of svr1 could not be looked at: there is no perl',
        ],
      ]);
    });
  });

  describe('that run phase 1', () => {
    beforeAll(async () => {
      const { exit, errors, warnings } = await phase1(LAB);
      expect({ exit, errors, warnings }).toEqual({ exit: 0, errors: [], warnings: [] });
    });

    it('are found well, and asking disturbs neither of them', async () => {
      const before = await redundant(LAB);
      const log = () =>
        Promise.all(
          HOSTS.map((host) => onHost(LAB, host, 'journalctl -u keepalived -u nginx -o cat | wc -l')),
        );
      const lines = await log();
      const found = await whileAdvertised(LAB, { id: 62, addresses: ['172.25.254.99'] }, () => lint());
      expect([found.exit, found.told]).toEqual([
        0,
        [
          `HA146 svr1 keepalived.vips.0.virtual_router_id: is 62, which ${STRANGER.address} uses as well, for 172.25.254.99`,
        ],
      ]);
      expect(await lint()).toEqual(CLEAN);
      expect(await log()).toEqual(lines);
      expect(await holder(LAB)).toBe(before);
    });

    it('tell a stranger from each other also when one of them cannot be asked', async () => {
      const { exit, told } = await whileHeld(LAB, VIP, () => lint('-l', 'svr2'));
      const standby = (await holder(LAB)) === 'svr1';
      expect([exit, told]).toEqual([5, [FOREIGN.replace('HA142 svr1', 'HA142 svr2')]]);
      expect(standby).toBe(true);
    });

    it('are not asked at all by a run that changes nothing', async () => {
      const { exit, hosts } = await phase1(LAB);
      expect([exit, ...Object.values(hosts).map(({ traffic }) => traffic.execs)]).toEqual([0, 1, 1]);
    });
  });
});
