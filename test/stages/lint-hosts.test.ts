import { expect, test } from 'vitest';
import type { InvalidInput } from '../../src/core/error.ts';
import type { LintFinding, Rule } from '../../src/core/lint.ts';
import { rawScript } from '../../src/core/script.ts';
import { outputOf } from '../../src/queries/output.ts';
import { MemoryHost } from './memory-host.ts';
import { keyed, runOn } from './memory-run.ts';

const network = outputOf(rawScript('get network'));

/** Hosts whose network is not quiet break a rule. */
function noisy(level: Rule['level']) {
  return {
    rules: [{ code: 'NET1', title: 'A network that is not quiet', level, why: 'Because.', fix: 'Be quiet.' }],
    survey: () => ({
      reads: () => ({ network }),
      judge: (seen) =>
        [...seen].flatMap(([host, answers]) => {
          const { stdout } = answers.answer(network);
          return stdout === 'quiet'
            ? []
            : [{ rule: 'NET1', host, path: 'web.network', what: `is ${stdout}`, hint: 'be quiet' }];
        }),
    }),
  } satisfies Parameters<typeof runOn>[0]['lint'];
}

function pair(state: string, networks: readonly [string, string] = ['loud', 'quiet']) {
  return networks.map((kind, index) => new MemoryHost(`svr${index + 1}`, { state, network: kind }));
}

const STATIC: LintFinding = {
  code: 'WEB1',
  level: 'warn',
  title: 'a warning of the variables',
  path: 'web.port',
  what: 'is odd',
};

test('a run that changes nothing asks for nothing further, and tells what the variables break', async () => {
  const hosts = pair('done');
  const { exit, warnings, events } = await runOn({
    hosts,
    resources: [keyed('state', 'done')],
    lint: noisy('refuse'),
    request: { warnings: [STATIC] },
  });
  expect({ exit, warnings }).toEqual({ exit: 0, warnings: [STATIC] });
  expect(hosts.map(({ execs }) => execs)).toEqual([1, 1]);
  expect(events.filter(({ type }) => type === 'host-surveying')).toEqual([]);
});

test.each([true, false])(
  'a warning of a host comes with the plan and ends nothing (check: %s)',
  async (check) => {
    const shown: LintFinding[] = [];
    const { exit, warnings } = await runOn({
      hosts: pair('old'),
      resources: [keyed('state', 'done')],
      lint: noisy('warn'),
      request: {
        check,
        warnings: [STATIC],
        placeOf: (host, path) => ({ origin: `${host}.yml:1:1`, excerpt: [`${path}: loud`] }),
      },
      onEvent: (event) => void (event.type === 'planned' && shown.push(...event.warnings)),
    });
    expect(exit).toBe(check ? 2 : 0);
    expect(warnings).toEqual(shown);
    expect(warnings).toEqual([
      STATIC,
      {
        code: 'NET1',
        level: 'warn',
        title: 'A network that is not quiet',
        host: 'svr1',
        path: 'web.network',
        what: 'is loud',
        hint: 'be quiet',
        from: 'svr1.yml:1:1',
        excerpt: ['web.network: loud'],
      },
    ]);
  },
);

test.each([true, false])(
  'what a host is refused for ends the run before anything is touched (check: %s)',
  async (check) => {
    const hosts = pair('old', ['loud', 'shrill']);
    const run = runOn({
      hosts,
      resources: [keyed('state', 'done')],
      lint: noisy('refuse'),
      request: { check },
    });
    const error = await run.then(
      () => undefined,
      (thrown: unknown) => thrown as InvalidInput,
    );
    expect(error?.exit).toBe(5);
    expect(error?.troubles.map(({ code, host, what, hint }) => [code, host, what, hint])).toEqual([
      ['NET1', 'svr1', 'web.network: is loud', 'be quiet'],
      ['NET1', 'svr2', 'web.network: is shrill', 'be quiet'],
    ]);
    expect(hosts.map(({ history }) => history)).toEqual([[], []]);
  },
);

test('a host that is lost while it is asked is unreachable, and nothing is begun', async () => {
  const hosts = pair('old', ['quiet', 'quiet']);
  const lost = hosts[1] as MemoryHost;
  lost.beforeProbe = () => {
    lost.lost = lost.execs > 1;
  };
  const { exit, hosts: results } = await runOn({
    hosts,
    resources: [keyed('state', 'done')],
    lint: noisy('refuse'),
  });
  expect(exit).toBe(4);
  expect(results.map(({ host, status }) => [host, status])).toEqual([
    ['svr1', 'pending'],
    ['svr2', 'unreachable'],
  ]);
  expect(hosts[0]?.history).toEqual([]);
});

test('hosts that --limit leaves out are asked too: the network is theirs as well', async () => {
  const { warnings } = await runOn({
    hosts: pair('old', ['quiet', 'loud']),
    resources: [keyed('state', 'done')],
    lint: noisy('warn'),
    request: { check: true, selected: ['svr1'] },
  });
  expect(warnings.map(({ host }) => host)).toEqual(['svr2']);
});

test("a mistake in a role's survey is told as the role's", async () => {
  const run = runOn({
    hosts: pair('old'),
    resources: [keyed('state', 'done')],
    lint: {
      ...noisy('warn'),
      survey: () => ({
        reads: () => ({ network }),
        judge: () => [{ rule: 'NET2', host: 'svr1', path: 'web.network', what: 'is loud' }],
      }),
    },
  });
  await expect(run).rejects.toMatchObject({
    trouble: { resource: 'role web', what: 'objects to web.network by NET2, which is none of its rules' },
  });
});
