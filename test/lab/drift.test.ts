import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enterCommand, labDown, labUp } from '../../scripts/lab/index.ts';
import type { DriftDocument } from '../../src/report/drift-document.ts';
import { differingPaths, EVERYTHING, parseSnapshot } from '../contract/snapshot.ts';
import { cannotRunLab, HOSTS, onHost, peerOf, play, redundant, VIP, type HostName } from './support/pair.ts';
import {
  CERTIFICATE,
  certificateScript,
  PLANTS,
  type Place,
  type Plant,
  type PlantBatch,
} from './support/plants.ts';
import { run } from './support/run.ts';
import { whileHeld } from './support/stranger.ts';

const NAME = `t-find-${process.pid}`;
const CLI = fileURLToPath(new URL('../../bin/run-playbook.js', import.meta.url));
const INVENTORY = fileURLToPath(new URL('../../inventory/hosts.yml', import.meta.url));

const TLS = { port: 8444, tls: { certificate: CERTIFICATE } };
const VARS = {
  keepalived: { ip_nonlocal_bind: true },
  nginx: {
    sites: {
      default: { root: '/var/www' },
      secure: {
        server_name: ['site.test'],
        root: '/var/www',
        listen: [8443],
        tls: { cert: CERTIFICATE, key: CERTIFICATE },
      },
    },
  },
  haproxy: { frontends: { 'http-in': {}, secure: { bind: [TLS] } } },
};
const OPTIONS = ['-i', INVENTORY, '-e', JSON.stringify(VARS)];

type Places = Readonly<Record<Place, HostName>>;

/** What `run-playbook drift --json` told; the playbook is the one last applied. */
async function drift(...options: readonly string[]): Promise<DriftDocument> {
  const argv = enterCommand(NAME, [process.execPath, CLI, 'drift', '--json', ...OPTIONS, ...options]);
  const { stdout, stderr } = await run(argv, { env: { ...process.env, RUN_PLAYBOOK_LAB: NAME } });
  if (stdout === '') {
    throw new Error(`drift: no document\n${stderr}`);
  }
  return JSON.parse(stdout) as DriftDocument;
}

/** Findings in the words of the table: `drift svr1 file /etc/nginx/nginx.conf`. */
function found({ findings }: DriftDocument): readonly string[] {
  return findings
    .map(({ severity, host = 'cluster', class: is, item }) => `${severity} ${host} ${is} ${item}`)
    .toSorted();
}

function inWords(lines: readonly string[], places: Places): readonly string[] {
  const texts = lines.map((line) =>
    line
      .replaceAll(/\$(holder|standby)\b/g, (_, place: Place) => places[place])
      .replaceAll('$vip', VIP)
      .replace(
        /^(\w+) (holder|standby)\b/,
        (_, severity: string, place: Place) => `${severity} ${places[place]}`,
      ),
  );
  return [...new Set(texts)].toSorted();
}

async function onPlaces(
  plants: readonly Plant[],
  places: Places,
  scriptOf: (plant: Plant) => string | undefined,
) {
  const prelude = `holder=${places.holder} standby=${places.standby} vip=${VIP}`;
  await Promise.all(
    (['holder', 'standby'] as const).map((place) => {
      const scripts = plants.filter(({ on }) => on === place).flatMap((plant) => scriptOf(plant) ?? []);
      return onHost(NAME, places[place], [prelude, ...scripts].join('\n'));
    }),
  );
}

async function apply(playbook: string) {
  expect(await play(NAME, playbook, '--no-watch', ...OPTIONS)).toMatchObject({ exit: 0, errors: [] });
}

type PlaybookName = 'phase1' | 'phase2';

/** Waits until any host may fail. */
async function placesNow(playbook: PlaybookName): Promise<Places> {
  const holder = await redundant(NAME, 20_000, playbook === 'phase1' ? 'nginx' : 'haproxy');
  return { holder, standby: peerOf(holder) };
}

/** What logging in writes, whatever is done then: sshd, sudo and pam tell the journal, and logind keeps its sessions. */
const LOGIN =
  /^(\/run|\/run\/motd\.dynamic|\/run\/systemd\/(sessions|transient|units|users|journal\/streams)(\/.*)?|\/run\/user(\/.*)?|\/var\/log\/journal\/\w+\/(system|user-\d+)\.journal)$/;

/** Everything on each host, and how often somebody has logged in and become root there. */
async function traces() {
  return Promise.all(
    HOSTS.map(async (host) => {
      const printed = await onHost(NAME, host, EVERYTHING);
      const journal = await onHost(NAME, host, 'journalctl -b -o cat _COMM=sshd + _COMM=sudo');
      return {
        files: parseSnapshot(printed),
        logins: journal.match(/^Accepted /gm)?.length ?? 0,
        commands: journal.match(/ COMMAND=/g)?.length ?? 0,
      };
    }),
  );
}

/** What a check did on the hosts besides looking: files that it changed, connections and commands beyond one reading. */
async function traceless(readings: number, check: () => Promise<DriftDocument>): Promise<DriftDocument> {
  const before = await traces();
  const report = await check();
  const after = await traces();
  for (const [index, { files, logins, commands }] of before.entries()) {
    const now = after[index];
    expect(now && [now.logins - logins, now.commands - commands]).toEqual([1, readings]);
    expect(files.size).toBeGreaterThan(5000);
    expect(differingPaths(files, now?.files ?? new Map()).filter((path) => !LOGIN.test(path))).toEqual([]);
  }
  return report;
}

describe.skipIf(cannotRunLab)('run-playbook drift', () => {
  beforeAll(async () => {
    await labUp({ name: NAME });
    await Promise.all(HOSTS.map((host) => onHost(NAME, host, certificateScript(100))));
    await apply('phase1');
  });

  afterAll(() => labDown({ name: NAME }));

  describe('after phase1', () => {
    untouched('phase1', 3);
    describe.each(PLANTS.filter(({ playbook }) => playbook === 'phase1'))('$about', planted);
  });

  test('keeps silent while phase2 makes the pair anew', async () => {
    const state = { isDone: false };
    const applying = apply('phase2').finally(() => {
      state.isDone = true;
    });
    const reports: DriftDocument[] = [];
    do {
      reports.push(await drift());
    } while (!state.isDone);
    await applying;
    expect(reports.flatMap(found)).toEqual([]);
    expect(new Set(reports.map(({ exit }) => exit))).toEqual(new Set([0]));
    const suppressed = reports.flatMap(({ hosts }) => hosts.flatMap(({ suppressed: why }) => why ?? []));
    expect(suppressed).toContainEqual(expect.stringMatching(/^locked by phase2 by /));
  });

  describe('after phase2', () => {
    untouched('phase2', 20);

    test('costs one connection and one command on each host, and writes nothing anywhere', async () => {
      expect(found(await traceless(1, () => drift()))).toEqual([]);
    });

    test('tells what the project has changed since, and all that follows from it, as pending', async () => {
      const changed = {
        keepalived: { track: ['haproxy'], ip_nonlocal_bind: false, advert_int: 0.3 },
        nginx: { port: 8081, sites: { another: { listen: [8445], root: '/var/www' } } },
        haproxy: { frontends: { another: { bind: [9000] } } },
      };
      const report = await drift('-e', JSON.stringify(changed));
      expect(found(report).filter((line) => !line.startsWith('pending '))).toEqual([]);
      expect(found(report)).toEqual(
        expect.arrayContaining([
          'pending cluster service HTTP through the VIP',
          'pending svr1 file /etc/nginx/sites-enabled/another.conf',
          'pending svr2 listener 0.0.0.0:9000/tcp',
        ]),
      );
      expect(report.exit).toBe(0);
    });

    describe.each(PLANTS.filter(({ playbook }) => playbook === 'phase2'))('$about', planted);

    test.each([
      ['keepalived is restarted', 'holder', 'systemctl restart keepalived'],
      ['every process of HAProxy is killed', 'holder', 'systemctl kill -s KILL haproxy'],
      ['nginx is restarted', 'standby', 'systemctl restart nginx'],
    ] as const)('says nothing of what puts itself right: %s', async (_, place, script) => {
      const places = await placesNow('phase2');
      const [report] = await Promise.all([drift(), onHost(NAME, places[place], `sleep 0.3; ${script}`)]);
      expect(found(report)).toEqual([]);
    });

    test('finds nothing once the other host has taken over', async () => {
      const { holder, standby } = await placesNow('phase2');
      await onHost(NAME, holder, 'systemctl stop keepalived; sleep 1; systemctl start keepalived');
      expect(await placesNow('phase2')).toEqual({ holder: standby, standby: holder });
      expect(found(await drift())).toEqual([]);
    });
  });
});

function untouched(playbook: PlaybookName, times: number): void {
  test(`finds nothing on a pair that nobody has touched, ${times} times in a row`, async () => {
    await placesNow(playbook);
    for (let time = 0; time < times; time++) {
      const report = await drift();
      expect(found(report)).toEqual([]);
      expect(report).toMatchObject({ exit: 0, playbook, errors: [] });
    }
  });
}

function planted({ playbook, plants, meanwhile }: PlantBatch): void {
  let places: Places;
  let report: DriftDocument;

  beforeAll(async () => {
    places = await placesNow(playbook);
    await onPlaces(plants, places, ({ plant }) => plant);
    report = await (meanwhile === 'stranger' ? whileHeld(NAME, VIP, () => drift()) : drift());
  });

  test.each(plants)('finds $about', ({ finds }) => {
    expect(found(report)).toEqual(expect.arrayContaining([...inWords(finds, places)]));
  });

  test('finds nothing else but what cannot but follow', () => {
    const all = plants.flatMap(({ finds, follows = [] }) => [...finds, ...follows]);
    expect(found(report)).toEqual(inWords(all, places));
    expect(report.exit).toBe(all.some((line) => line.startsWith('degraded')) ? 8 : 2);
  });

  test('finds nothing once that is repaired', async () => {
    await onPlaces(plants, places, ({ repair }) => repair);
    await apply(playbook);
    await placesNow(playbook);
    expect(found(await drift())).toEqual([]);
  });
}
