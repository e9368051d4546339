import { describe, expect, it } from 'vitest';
import type { Query, Seen } from '../../src/core/query.ts';
import type { Resource } from '../../src/core/resource.ts';
import { bootFindings } from '../../src/drift/boot-settings.ts';
import type { Sighting } from '../../src/drift/findings.ts';
import { packageFindings } from '../../src/drift/packages.ts';
import { unitFindings } from '../../src/drift/units.ts';
import type { PackageState } from '../../src/queries/package.ts';
import type { UnitFiles } from '../../src/queries/unit-files.ts';
import { fileAt } from '../../src/queries/file.ts';
import type { UnitState } from '../../src/queries/unit.ts';
import type { LastApplied } from '../../src/stages/applied.ts';
import type { Member } from '../../src/stages/assemble.ts';
import { RUNNING } from '../golden/observed.ts';

const DROP_IN = '/etc/systemd/system/nginx.service.d/run-playbook.conf';
const SHIPPED = '/lib/systemd/system/nginx.service';

const resource = (id: string, more: Partial<Resource> = {}): Resource => ({
  id,
  kind: id.split(' ')[0] ?? '',
  role: 'nginx',
  needs: [],
  reads: {},
  plan: () => ({ is: 'ok' }),
  ...more,
});

const MEMBER = {
  host: 'svr1',
  declared: [
    resource('package nginx'),
    resource('files nginx unit', { reads: { [DROP_IN]: fileAt(DROP_IN) } }),
    resource('service nginx', { runs: 'nginx.service' }),
    resource('sysctl net.ipv4.ip_nonlocal_bind'),
  ],
} as unknown as Member;

/** The last run, with digests that can be read. */
const LAST: LastApplied = {
  v: 1,
  run: 'a',
  playbook: 'phase1',
  at: '2026-01-31T03:00:00Z',
  observed: {},
  packages: { nginx: '1.22' },
  held: [],
  units: { [SHIPPED]: 'keyed 1' },
  digest: (text) => `keyed ${text}`,
};

function seenWith(answers: Readonly<Record<string, unknown>>): Seen {
  return { answer: <T>({ family }: Query<T>) => answers[family.name] as T };
}

const told = (findings: readonly Sighting[]) =>
  findings.map(({ severity, class: is, item, found }) => `${severity} ${is} ${item}: ${found}`);

const FILES: UnitFiles = {
  digests: new Map([[SHIPPED, '1']]),
  startedMsAgo: 3_600_000,
  isProgramReplaced: false,
};
const seen = (unit: Partial<UnitState> = {}, files: Partial<UnitFiles> = {}) =>
  seenWith({ unit: { ...RUNNING, ...unit }, 'unit files': { ...FILES, ...files } });
const units = (now: Seen, before?: Seen, last: LastApplied | undefined = LAST) =>
  told(unitFindings(MEMBER, { seen: now, before, last }));

const looping = (restarts: number) =>
  `degraded service nginx.service: started again and again by systemd (${restarts} times)`;

const packages = (state: Partial<PackageState>, last: LastApplied | undefined = LAST) =>
  told(packageFindings(MEMBER, seenWith({ package: { installed: '1.22', held: false, ...state } }), last));

const settings = (stdout: string) => told(bootFindings(MEMBER, seenWith({ output: { exit: 0, stdout } })));

describe('the units of a host', () => {
  it('are well while they are what the last run left', () => {
    expect(units(seen())).toEqual([]);
    expect(units(seen({ restarts: 3 }))).toEqual([]);
  });

  it('are told when what they are made of has changed, but for what is declared: its own change tells that', () => {
    const digests = new Map([
      [SHIPPED, '2'],
      [DROP_IN, '3'],
      ['/etc/default/nginx', '4'],
    ]);
    expect(units(seen({}, { digests }))).toEqual([
      `drift unit ${SHIPPED}: edited since the last run`,
      'drift unit /etc/default/nginx: added since the last run',
    ]);
    const { units: _, ...older } = LAST;
    expect(units(seen({}, { digests }), undefined, older)).toEqual([]);
  });

  it('are told when the program is not the one that runs', () => {
    expect(units(seen({}, { isProgramReplaced: true }))).toEqual([
      'drift service nginx.service program: replaced since it was started',
    ]);
  });

  it('may be looping when systemd has just started them again, or is about to', () => {
    expect(units(seen({ restarts: 1 }, { startedMsAgo: 900 }))).toEqual([looping(1)]);
    expect(units(seen({ sub: 'auto-restart' }, { startedMsAgo: undefined }))).toEqual([looping(0)]);
  });

  it.each([
    [
      'once between two readings are not looping',
      { restarts: 0, sub: 'auto-restart' },
      { restarts: 1 },
      false,
    ],
    ['twice between two readings are', { restarts: 1 }, { restarts: 3 }, true],
    ['often before, and once more, are', { restarts: 8 }, { restarts: 9 }, true],
    ['never, and wait to be at both readings, are', { sub: 'auto-restart' }, { sub: 'auto-restart' }, true],
    ['before, and not since, are not', { restarts: 8 }, { restarts: 8 }, false],
  ] as const)('that were started again %s', (_, before, now, isTold) => {
    const found = units(seen(now, { startedMsAgo: 100 }), seen(before));
    expect(found).toEqual(isTold ? [looping('restarts' in now ? now.restarts : 0)] : []);
  });
});

describe('packages', () => {
  it('are told when somebody else has moved or held them', () => {
    expect(packages({})).toEqual([]);
    expect(packages({ installed: '1.23', held: true })).toEqual([
      'drift package nginx version: 1.23',
      'drift package nginx hold: held',
    ]);
    expect(packages({}, { ...LAST, held: ['nginx'] })).toEqual(['drift package nginx hold: not held']);
  });

  it('are the plan’s business when they are gone, and nobody’s where no run has left a record', () => {
    expect(packages({ installed: undefined, held: true })).toEqual([]);
    expect(packages({ held: true }, { ...LAST, held: undefined })).toEqual([]);
    expect(
      told(packageFindings(MEMBER, seenWith({ package: { installed: '2', held: true } }), undefined)),
    ).toEqual([]);
  });
});

describe('kernel settings', () => {
  const OWN = `# /etc/sysctl.d/90-run-playbook-net.ipv4.ip_nonlocal_bind.conf
net.ipv4.ip_nonlocal_bind = 1
`;
  it('are told when a file that is read later sets them otherwise', () => {
    expect(settings(OWN)).toEqual([]);
    expect(settings(`# /etc/sysctl.d/10-a.conf\nnet.ipv4.ip_nonlocal_bind=0\n${OWN}`)).toEqual([]);
    expect(
      settings(`${OWN}# /etc/sysctl.d/99-a.conf\nnet.ipv4.ip_forward=0\n-net/ipv4/ip_nonlocal_bind = 0\n`),
    ).toEqual(['drift sysctl net.ipv4.ip_nonlocal_bind (boot): 0, by /etc/sysctl.d/99-a.conf']);
  });

  it('are the plan’s business where our own file is not there', () => {
    expect(settings('# /etc/sysctl.d/99-a.conf\nnet.ipv4.ip_nonlocal_bind = 0\n')).toEqual([]);
  });
});
