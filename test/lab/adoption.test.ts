import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp, reset } from '../../scripts/lab/index.ts';
import { outageSeconds, startClients, tell } from './support/clients.ts';
import { fingerprint } from './support/fingerprint.ts';
import { watchHolders } from './support/holder-watch.ts';
import { cannotRunLab, HOSTS, holder, phase1, redundant, type HostName } from './support/pair.ts';
import { REFERENCE_CHECK, setUpReference } from './support/reference.ts';
import { until } from './support/until.ts';

const LAB = `t-adoption-${process.pid}`;
const LIMIT_SECONDS = 0.5;

describe.skipIf(cannotRunLab)('phase 1 over a pair set up by hand', () => {
  const fresh = new Map<HostName, ReadonlyMap<string, string>>();

  beforeAll(async () => {
    await labUp({ name: LAB });
    await expectSuccess();
    await redundant(LAB);
    await Promise.all(HOSTS.map(async (host) => fresh.set(host, await fingerprint(LAB, host))));
  });

  afterAll(() => labDown({ name: LAB }));

  it.each(HOSTS)(
    'takes over with the VIP on %s: never on both hosts, 0.5 s at most, as a fresh install',
    async (master) => {
      for (const host of HOSTS) {
        await reset(LAB, host);
      }
      await setUpReference(LAB, master);
      await until('the VIP is where it belongs', 20_000, async () => (await holder(LAB)) === master);

      const watch = watchHolders(LAB);
      const clients = await startClients(LAB);
      await expectSuccess();
      const last = await redundant(LAB);
      const seen = await watch.stop();
      const report = await clients.stop();

      tell(`phase 1 over the reference, VIP on ${master}`, report);
      process.stdout.write(
        `    measured  ${seen.polls} polls, at most ${seen.longestPauseMs.toFixed(0)} ms apart, VIP on both in ${seen.onBoth}: ${seen.course.join(', ')}\n`,
      );
      expect(seen.onBoth).toBe(0);
      expect(seen.longestPauseMs).toBeLessThan(50);
      expect(outageSeconds(report)).toBeLessThanOrEqual(LIMIT_SECONDS);
      expect(await holder(LAB)).toBe(last);

      const again = await phase1(LAB);
      expect(again.exit).toBe(0);
      expect(Object.values(again.hosts).flatMap(({ changes }) => changes)).toEqual([]);

      for (const host of HOSTS) {
        expect(differences(fresh.get(host) ?? new Map(), await fingerprint(LAB, host))).toEqual(LEFT_OVERS);
      }
    },
  );
});

/** What a person left and nothing uses any more: files that phase 1 does not know are not its to remove. */
const LEFT_OVERS = [REFERENCE_CHECK, '/var/www/html/index.html'].map((path) => `only now: ${path}`);

async function expectSuccess(): Promise<void> {
  const { exit, errors } = await phase1(LAB);
  expect({ exit, errors }).toEqual({ exit: 0, errors: [] });
}

function differences(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...before.keys(), ...now.keys()])].toSorted().flatMap((name) => {
    const [was, is] = [before.get(name), now.get(name)];
    if (was === is) {
      return [];
    }
    return was === undefined ? [`only now: ${name}`] : [`${name}: ${was} -> ${is ?? 'gone'}`];
  });
}
