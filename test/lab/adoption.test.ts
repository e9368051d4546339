import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labExec, labUp, reset } from '../../scripts/lab/index.ts';
import { v } from '../../src/index.ts';
import { worksWith } from '../../roles/keepalived/live.ts';
import { vars } from '../../roles/keepalived/vars.ts';
import { outageSeconds, startClients, tell } from './support/clients.ts';
import { differences, fingerprint, type Fingerprint } from './support/fingerprint.ts';
import { watchHolders } from './support/holder-watch.ts';
import {
  cannotRunLab,
  holder,
  HOSTS,
  onHost,
  phase1,
  redundant,
  VIP,
  type HostName,
} from './support/pair.ts';
import { REFERENCE_CHECK, setUpReference } from './support/reference.ts';
import { until } from './support/until.ts';

const LAB = `t-adoption-${process.pid}`;
const LIMIT_SECONDS = 0.5;

/** What a person left and nothing uses any more: files that phase 1 does not know are not its to remove. */
const LEFT_OVERS = [REFERENCE_CHECK, '/var/www/html/index.html'].map((path) => `only now: ${path}`);

const fresh = new Map<HostName, Fingerprint>();

async function applyPhase1(): Promise<void> {
  const { exit, errors } = await phase1(LAB);
  expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
}

/** Whether keepalived of svr1 works with what is on disk, as the role asks after every reload. */
async function isLive(): Promise<boolean> {
  const script = worksWith('/etc/keepalived/keepalived.conf', v.parse(vars, { vips: [{ address: VIP }] }));
  return (await labExec(LAB, 'svr1', ['sh', '-c', script.text])).exitCode === 0;
}

describe.skipIf(cannotRunLab)('phase 1 over a pair set up by hand', () => {
  beforeAll(async () => {
    await labUp({ name: LAB });
    await applyPhase1();
    await redundant(LAB);
    await Promise.all(HOSTS.map(async (host) => fresh.set(host, await fingerprint(LAB, host))));
  });

  afterAll(() => labDown({ name: LAB }));

  it('would see a VIP that is on both hosts for a moment', async () => {
    const watch = watchHolders(LAB);
    const vip = `${VIP}/32 dev lo`;
    await onHost(LAB, 'svr2', `ip addr add ${vip}; sleep 0.1; ip addr del ${vip}`);
    expect((await watch.stop()).onBoth).toBeGreaterThan(0);
  });

  it('knows a keepalived that does not work with its configuration file', async () => {
    const edit = (from: string, to: string) =>
      onHost(LAB, 'svr1', `sed -i 's/${from}/${to}/' /etc/keepalived/keepalived.conf`);
    const signal = (name: string, pids: string) =>
      onHost(LAB, 'svr1', `parent=$(systemctl show -P MainPID keepalived); kill -s ${name} ${pids}`);
    const child = '$(pgrep -P "$parent")';

    const start = performance.now();
    expect(await isLive()).toBe(true);
    process.stdout.write(
      `    measured  asking keepalived takes ${Math.round(performance.now() - start)} ms\n`,
    );
    await edit('repeat 3', 'repeat 4');
    expect(await isLive()).toBe(false);
    await onHost(LAB, 'svr1', 'systemctl reload keepalived');
    await until('the reload is seen', 5000, isLive);
    await edit('repeat 4', 'repeat 3');
    await signal('STOP', child);
    await signal('HUP', '"$parent"');
    expect(await isLive()).toBe(false);
    await signal('CONT', child);
    await until('the reload is seen', 5000, isLive);
  });

  it.each(HOSTS)(
    'with the VIP on %s leaves it there, on one host at any time, and ends as on fresh hosts',
    async (master) => {
      await Promise.all(HOSTS.map((host) => reset(LAB, host)));
      await setUpReference(LAB, master);
      await until('the VIP is where it belongs', 20_000, async () => (await holder(LAB)) === master);

      const watch = watchHolders(LAB);
      const clients = await startClients(LAB);
      await applyPhase1();
      await redundant(LAB);
      const seen = await watch.stop();
      const report = await clients.stop();
      tell(`phase 1 over the pair set up by hand, VIP on ${master}`, report);
      process.stdout.write(
        `    measured  ${seen.polls} polls, ${Math.round(seen.longestPauseMs)} ms apart at most, VIP on both in ${seen.onBoth}: ${seen.course.join(', ')}\n`,
      );
      expect(seen.onBoth).toBe(0);
      expect(seen.meanPauseMs).toBeLessThan(50);
      expect(outageSeconds(report)).toBeLessThanOrEqual(LIMIT_SECONDS);
      expect(await holder(LAB)).toBe(master);

      const again = await phase1(LAB);
      expect(again.exit).toBe(0);
      expect(Object.values(again.hosts).flatMap(({ changes }) => changes)).toEqual([]);
      for (const host of HOSTS) {
        expect(differences(fresh.get(host), await fingerprint(LAB, host))).toEqual(LEFT_OVERS);
      }
    },
  );
});
