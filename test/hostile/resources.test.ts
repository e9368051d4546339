import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planHost } from '../../src/core/plan.ts';
import type { Query } from '../../src/core/query.ts';
import type { Resource } from '../../src/core/resource.ts';
import { isScript, sh, type Script } from '../../src/core/script.ts';
import { accountNamed } from '../../src/queries/account.ts';
import { factsFrom, hostFacts } from '../../src/queries/facts.ts';
import { packageNamed } from '../../src/queries/package.ts';
import { sysctlNamed } from '../../src/queries/sysctl.ts';
import { unitNamed } from '../../src/queries/unit.ts';
import { directory } from '../../src/resources/directory.ts';
import { fileSet } from '../../src/resources/file-set.ts';
import { aptPackage } from '../../src/resources/package.ts';
import { service } from '../../src/resources/service.ts';
import { sysctl } from '../../src/resources/sysctl.ts';
import { task } from '../../src/resources/task.ts';
import { systemUser } from '../../src/resources/user.ts';
import { armedUnit, arm, disarm } from '../../src/stages/armed-undo.ts';
import { forget } from '../../src/stages/kept-undo.ts';
import { noUnfinishedRun } from '../../src/stages/leftover.ts';
import { seenFrom } from '../golden/observed.ts';
import { useArena } from './support/arena.ts';
import { batch, ensure, holds, PATIENT, refusalOf } from './support/cases.ts';
import { hostileText, nearly } from './support/strings.ts';

const arena = useArena('/dev/shm');

/** Every script that the resource would have run on a bare host, and on one where it is another than wanted. */
function scriptsOf(resource: Resource): readonly Script[] {
  const queries: readonly Query<unknown>[] = [hostFacts, ...Object.values(resource.reads)];
  const reads = queries.flatMap(({ family, key }) => family.scripts([key]));
  const seen = seenFrom(queries, new Map());
  const changes = planHost('svr1', [resource], seen, factsFrom(seen)).steps.flatMap((step) =>
    step.is === 'change' ? [step.change.apply, step.change.undo] : [],
  );
  return [...reads, ...changes.filter((action) => action !== undefined && isScript(action))];
}

const keyScripts = ({ family, key }: Query<unknown>) => family.scripts([key]);

interface Argument {
  readonly what: string;
  readonly good: readonly string[];
  /** The scripts that the argument comes to stand in. @throws it is refused */
  readonly scripts: (value: string) => readonly Script[];
  /** How it is refused; nothing is when left out, but what cannot be sent. */
  readonly refused?: string;
}

const UNIT = 'is not the name of a systemd unit';
const PACKAGE = 'is not the name of a Debian package';
const USER = 'is not the name of a user';
const SETTING = 'is not the name of a kernel setting';
const PATH = 'is not an absolute path';

const ARGUMENTS: readonly Argument[] = [
  {
    what: 'unit',
    good: ['nginx.service', 'a@b.timer', '-.mount'],
    scripts: (name) => keyScripts(unitNamed(name)),
    refused: UNIT,
  },
  {
    what: 'service',
    good: ['nginx', 'a@b', 'x-y'],
    scripts: (name) => scriptsOf(service({ name })),
    refused: UNIT,
  },
  {
    what: 'service that is stopped',
    good: ['nginx'],
    scripts: (name) => scriptsOf(service({ name, state: 'stopped' })),
    refused: UNIT,
  },
  {
    what: 'package',
    good: ['nginx', 'libc6:amd64', 'g++'],
    scripts: (name) => keyScripts(packageNamed(name)),
    refused: PACKAGE,
  },
  {
    what: 'package to install',
    good: ['nginx'],
    scripts: (name) => scriptsOf(aptPackage({ name })),
    refused: PACKAGE,
  },
  {
    what: 'version of a package',
    good: ['1.22.1-9', '1:2.2.7-1+b2', '2~rc1'],
    scripts: (version) => scriptsOf(aptPackage({ name: 'nginx', version, hold: true })),
    refused: 'is not the version of a Debian package',
  },
  {
    what: 'unit of a package',
    good: ['nginx.service'],
    scripts: (unit) => scriptsOf(aptPackage({ name: 'nginx', units: [unit] })),
    refused: UNIT,
  },
  {
    what: 'account',
    good: ['www-data', 'a_b', 'pc$'],
    scripts: (name) => keyScripts(accountNamed(name)),
    refused: USER,
  },
  { what: 'user', good: ['www-data'], scripts: (name) => scriptsOf(systemUser({ name })), refused: USER },
  {
    what: 'kernel setting to read',
    good: ['net.ipv4.ip_forward'],
    scripts: (name) => keyScripts(sysctlNamed(name)),
    refused: SETTING,
  },
  {
    what: 'kernel setting',
    good: ['vm.swappiness'],
    scripts: (name) => scriptsOf(sysctl({ name, value: 1 })),
    refused: SETTING,
  },
  {
    what: 'value of a kernel setting',
    good: ['1', '4 5'],
    scripts: (value) => scriptsOf(sysctl({ name: 'a.b', value })),
  },
  {
    what: 'directory',
    good: ['/srv/a', '/srv/a/'],
    scripts: (path) => scriptsOf(directory({ path })),
    refused: PATH,
  },
  { what: 'owner', good: ['root'], scripts: (owner) => scriptsOf(directory({ path: '/srv/a', owner })) },
  { what: 'mode', good: ['0755'], scripts: (mode) => scriptsOf(directory({ path: '/srv/a', mode })) },
  {
    what: 'root of files',
    good: ['/etc/nginx', '/etc/nginx/'],
    scripts: (root) => scriptsOf(fileSet({ name: 'x', root, files: { a: { content: 'x' } }, loadedBy: 'x' })),
    refused: PATH,
  },
  {
    what: 'service that loads files',
    good: ['nginx'],
    scripts: (loadedBy) =>
      scriptsOf(fileSet({ name: 'x', root: '/srv/x', files: { a: { content: 'x' } }, loadedBy })),
    refused: PATH,
  },
  {
    what: 'argument of a task',
    good: ['x'],
    scripts: (text) =>
      scriptsOf(
        task({ name: text, probe: sh`test ${text}`, apply: sh`true ${text}`, undo: sh`false ${text}` }),
      ),
  },
];

const UNSENDABLE = 'a shell argument cannot contain';

/** An argument with a value for it. */
const given = fc
  .constantFrom(...ARGUMENTS)
  .chain((argument) => nearly(argument.good).map((value) => ({ argument, value })));

test('any argument of any resource is taken as what it is, or refused', PATIENT, async () => {
  const taken = new Set<string>();
  await holds(
    fc.property(given, ({ argument: { what, scripts, refused = UNSENDABLE }, value }) => {
      const refusal = refusalOf(() => scripts(value));
      const isSaid = [refused, UNSENDABLE].some((words) => refusal?.includes(words));
      ensure(refusal === undefined || isSaid, `${what}: refused with ${refusal}`);
      if (refusal === undefined) {
        taken.add(what);
      }
    }),
  );
  expect(taken).toEqual(new Set(ARGUMENTS.map(({ what }) => what)));
});

test('and is never executed', PATIENT, async () => {
  const size = 100;
  await holds(
    fc.asyncProperty(batch(given, size), async (all) => {
      const accepted = all.filter(
        ({ argument, value }) => refusalOf(() => argument.scripts(value)) === undefined,
      );
      await arena.runWithoutPrograms(accepted.flatMap(({ argument, value }) => argument.scripts(value)));
    }),
    { share: 0.1, perRun: size },
  );
});

/** What is planned for a host that has left-overs of such names. */
function planOf(stdout: string) {
  const resource = noUnfinishedRun('own');
  const [query] = Object.values(resource.reads);
  const said = new Map([[`${query?.family.name} ${query?.key}`, { stdout, exit: 0 }]]);
  const seen = seenFrom([hostFacts, ...Object.values(resource.reads)], said);
  return planHost('svr1', [resource], seen, factsFrom(seen)).steps[0];
}

describe('what earlier runs left on a host', () => {
  test('goes into no script but by the name of a run', PATIENT, async () => {
    const size = 100;
    const texts = nearly(['f00dfeed0123', 'a1\nb2\n']);
    await holds(
      fc.property(texts, (stdout) => {
        const step = planOf(stdout);
        const names = stdout.split('\n').filter((name) => name !== '');
        const isNamed = names.every((name) => /^\w[\w-]*$/.test(name));
        ensure(
          step?.is === (names.length === 0 ? 'ok' : isNamed ? 'change' : 'unknown'),
          `planned ${step?.is}`,
        );
      }),
    );
    await holds(
      fc.asyncProperty(batch(texts, size), async (all) => {
        const steps = all.map(planOf).flatMap((step) => (step?.is === 'change' ? [step.change.apply] : []));
        await arena.runWithoutPrograms(steps.filter(isScript));
      }),
      { share: 0.1, perRun: size },
    );
  });

  test('is disarmed and forgotten by a name that is one, or not at all', PATIENT, async () => {
    const size = 100;
    await holds(
      fc.asyncProperty(batch(hostileText(), size), async (names) => {
        const makers = [
          (name: string) => arm(name, 1000),
          disarm,
          forget,
          (name: string) => sh`: ${armedUnit(name)}`,
        ];
        const made = names.flatMap((name) =>
          makers.flatMap((make) => (refusalOf(() => make(name)) === undefined ? [make(name)] : [])),
        );
        await arena.runWithoutPrograms(made);
      }),
      { share: 0.1, perRun: size },
    );
  });
});
