import { expect, test } from 'vitest';
import { EXIT } from '../../src/core/error.ts';
import type { RunEvent } from '../../src/core/event.ts';
import type { Check, Resource } from '../../src/core/resource.ts';
import { rawScript } from '../../src/core/script.ts';
import type { LostSoFar, TargetReport, WatchReport, WatchRequest } from '../../src/core/watch.ts';
import { WatchTimeline } from '../../src/stages/watch-timeline.ts';
import { MemoryHost } from './memory-host.ts';
import { keyed, runOn } from './memory-run.ts';

const TARGET = { address: '192.0.2.10', port: 80, path: '/', host: 'www.example' };

function pair(): readonly [MemoryHost, MemoryHost] {
  return [new MemoryHost('svr1', { vip: 'here' }), new MemoryHost('svr2')];
}

function saw(wanted: Partial<TargetReport> = {}, late: Partial<WatchReport> = {}): WatchReport {
  return {
    startedAt: Date.now(),
    ms: 1000,
    intervalMs: 20,
    targets: [
      {
        target: TARGET,
        sent: 50,
        unserved: 0,
        servedSinceMs: 0,
        answered: 50 - (wanted.lost ?? 0),
        lost: 0,
        reasons: {},
        slow: 0,
        gaps: [],
        longestGapMs: 0,
        lostAtEnd: false,
        p50Ms: 1,
        p99Ms: 2,
        slowestMs: 3,
        ...wanted,
      },
    ],
    latestMs: 1,
    skipped: 0,
    endedEarly: false,
    ...late,
  };
}

const LOST = saw({
  lost: 3,
  reasons: { refused: 3 },
  // Longer than a run in memory may take.
  gaps: [{ fromMs: -20_000, toMs: 20_000, lost: 3, open: false }],
  longestGapMs: 40_000,
});

/** A prober that saw what it is told to, and what became of it. */
function prober(report: WatchReport | Error, wanted: Partial<WatchRequest> = {}) {
  const course: string[] = [];
  const hears: ((lost: LostSoFar) => void)[] = [];
  const watch: WatchRequest = {
    targets: [TARGET],
    perSecond: 50,
    async start(onLost) {
      course.push('started');
      hears.push(onLost);
      return {
        first: [{ is: 'answered', status: 200 }],
        async stop() {
          course.push('stopped');
          if (report instanceof Error) {
            throw report;
          }
          return report;
        },
      };
    },
    ...wanted,
  };
  return { watch, course, lose: (lost: LostSoFar) => hears.forEach((hear) => hear(lost)) };
}

async function failToStart(): Promise<never> {
  throw new Error('the prober ended with exit code 1\nCannot find module');
}

const AB = [keyed('a', '1'), keyed('b', '2', ['task a'])];

const broken: Resource = {
  ...keyed('b', '2'),
  plan: () => ({ is: 'change', change: { summary: 'x', apply: rawScript('fail|it broke') } }),
};

test('the service is watched from before the first change until after the last check', async () => {
  const { watch, course } = prober(saw());
  const hosts = pair();
  const noted = (what: string) => void course.push(what);
  const check: Check = {
    name: 'service',
    reads: {},
    async judge() {
      noted('checked');
      return { ok: true, detail: 'up' };
    },
  };
  const { exit, watch: result } = await runOn({
    hosts,
    resources: AB,
    checks: [check],
    request: { watch },
    onEvent: ({ type }) => void (type === 'change-started' && noted('change')),
  });
  expect(exit).toBe(EXIT.converged);
  expect(course.indexOf('started')).toBeLessThan(course.indexOf('change'));
  expect(course.at(-1)).toBe('stopped');
  expect(course.filter((what) => what === 'stopped')).toHaveLength(1);
  expect(result?.report?.targets).toEqual(saw().targets);
});

test.each([
  ['with nothing to change', {}, [keyed('vip', 'here')]],
  ['in a check', { check: true }, AB],
  ['after a no to the plan', { confirm: async () => false }, AB],
])('nothing is watched %s', async (_, request, resources) => {
  const { watch, course } = prober(saw());
  const [host] = pair();
  const result = await runOn({ hosts: [host], resources, request: { ...request, watch } });
  expect(course).toEqual([]);
  expect(result.watch).toBeUndefined();
});

test('losses without a limit are reported and fail nothing', async () => {
  const { watch } = prober(LOST);
  const { exit, troubles, watch: result } = await runOn({ hosts: pair(), resources: AB, request: { watch } });
  expect([exit, troubles, result?.report?.targets[0]?.lost]).toEqual([EXIT.converged, [], 3]);
});

test('as many losses as are allowed fail nothing', async () => {
  const { watch } = prober(LOST, { maxLost: 3 });
  const { exit, troubles } = await runOn({ hosts: pair(), resources: AB, request: { watch } });
  expect([exit, troubles]).toEqual([EXIT.converged, []]);
});

test('one more fails the run, and what was changed then is told', async () => {
  const hosts = pair();
  const { watch } = prober(LOST, { maxLost: 2 });
  const { exit, troubles, hosts: results } = await runOn({ hosts, resources: AB, request: { watch } });
  expect(exit).toBe(EXIT.failed);
  expect(results.map(({ status }) => status)).toEqual(['changed', 'changed']);
  expect(troubles).toMatchObject([{ what: '3 requests were lost while hosts changed, at most 2 may be' }]);
  expect(troubles[0]?.why).toEqual([
    expect.stringMatching(
      /^192\.0\.2\.10:80: 3 lost at \d\d:\d\d:\d\d\.\d{3} UTC for 40\.00 s, during task a on svr2, task b on svr2 and 2 more$/,
    ),
  ]);
});

test('a loss is told with what was going on, or was done last before it', () => {
  let now = 0;
  const timeline = new WatchTimeline(() => now);
  const listener = timeline.heardBy(() => {});
  const at = (ms: number, type: 'change-started' | 'change-done', host: string, id: string) => {
    now = ms;
    listener(type === 'change-started' ? { type, host, id, summary: '' } : { type, host, id, ms: 0 });
  };
  at(100, 'change-started', 'svr2', 'files /etc/nginx');
  at(200, 'change-done', 'svr2', 'files /etc/nginx');
  at(200, 'change-started', 'svr2', 'service nginx');
  at(400, 'change-done', 'svr2', 'service nginx');
  at(600, 'change-started', 'svr1', 'service nginx');

  expect(timeline.during(50, 60)).toBe('');
  expect(timeline.during(150, 160)).toBe('during files /etc/nginx on svr2');
  expect(timeline.during(150, 300)).toBe('during files /etc/nginx on svr2, service nginx on svr2');
  expect(timeline.during(450, 500)).toBe('after service nginx on svr2');
  expect(timeline.during(700, 900)).toBe('during service nginx on svr1');
  expect(timeline.during(0, 900)).toBe('during files /etc/nginx on svr2, service nginx on svr2 and 1 more');
});

test('losses are heard while hosts change, by the name of the target', async () => {
  const { watch, lose } = prober(LOST);
  const [host] = pair();
  const { events } = await runOn({
    hosts: [host],
    resources: AB,
    request: { watch },
    onEvent: ({ type }) =>
      void (type === 'change-started' && lose({ target: 0, reason: 'refused', lost: 1 })),
  });
  const heard = events.filter((event): event is Extract<RunEvent, { type: `watch-${string}` }> =>
    event.type.startsWith('watch-'),
  );
  expect(heard).toEqual([
    {
      type: 'watch-started',
      perSecond: 50,
      targets: [{ name: '192.0.2.10:80', first: { is: 'answered', status: 200 } }],
    },
    { type: 'watch-lost', target: '192.0.2.10:80', reason: 'refused', lost: 1 },
    { type: 'watch-lost', target: '192.0.2.10:80', reason: 'refused', lost: 1 },
    { type: 'watch-ended', sent: 50, lost: 3 },
  ]);
});

test('a run that fails still tells what was watched, and its prober ends', async () => {
  const { watch, course } = prober(LOST);
  const { exit, watch: result } = await runOn({ hosts: pair(), resources: [broken], request: { watch } });
  expect([exit, course]).toEqual([EXIT.rolledBack, ['started', 'stopped']]);
  expect(result?.report?.targets[0]?.lost).toBe(3);
});

test('an interrupted run still tells what was watched, and its prober ends', async () => {
  const { watch, course } = prober(LOST, { maxLost: 0 });
  const controller = new AbortController();
  const { exit, watch: result } = await runOn({
    hosts: pair(),
    resources: AB,
    request: { watch, signal: controller.signal },
    onEvent: ({ type }) => void (type === 'change-done' && controller.abort()),
  });
  expect([exit, course]).toEqual([EXIT.interrupted, ['started', 'stopped']]);
  expect(result?.report?.targets[0]?.lost).toBe(3);
});

test('a bug ends the prober too', async () => {
  const { watch, course } = prober(saw());
  const bug: Check = {
    name: 'service',
    reads: {},
    judge: async () => ({ ok: true, detail: 'up' }),
  };
  const run = runOn({
    hosts: pair(),
    resources: AB,
    checks: [bug],
    request: { watch },
    onEvent: ({ type }) => {
      if (type === 'check-judged') {
        throw new TypeError('a bug');
      }
    },
  });
  await expect(run).rejects.toThrow('a bug');
  expect(course).toEqual(['started', 'stopped']);
});

test('nothing is changed when nothing can be sent', async () => {
  const hosts = pair();
  const { watch } = prober(saw(), { start: failToStart });
  const { exit, troubles } = await runOn({ hosts, resources: AB, request: { watch } });
  expect(exit).toBe(EXIT.failed);
  expect(hosts.map(({ history }) => history)).toEqual([[], []]);
  expect(troubles).toMatchObject([
    {
      what: 'the watch could not be started, nothing was changed',
      why: ['the prober ended with exit code 1', 'Cannot find module'],
    },
  ]);
});

test('a prober that did not live to tell fails the run: nobody knows what was lost', async () => {
  const { watch } = prober(new Error('the prober ended with SIGKILL'));
  const {
    exit,
    troubles,
    hosts,
    watch: result,
  } = await runOn({
    hosts: pair(),
    resources: AB,
    request: { watch },
  });
  expect(exit).toBe(EXIT.failed);
  expect(hosts.map(({ status }) => status)).toEqual(['changed', 'changed']);
  expect(troubles).toMatchObject([{ why: ['the prober ended with SIGKILL'] }]);
  expect(result).toEqual({ maxLost: undefined });
});

const EARLY = saw({}, { endedEarly: true, startedAt: Date.UTC(2026, 0, 31, 3), ms: 3_600_000 });

test.each([
  ['that ended early', EARLY, 'what was lost after 04:00:00.000 UTC is not known: nothing was sent any more'],
  ['that fell behind', saw({}, { skipped: 400 }), 'what was lost is not known: 400 requests were not sent'],
])('a prober %s fails a run whose losses are limited', async (_, report, what) => {
  const { watch } = prober(report, { maxLost: 0 });
  const { exit, troubles } = await runOn({ hosts: pair(), resources: AB, request: { watch } });
  expect(exit).toBe(EXIT.failed);
  expect(troubles).toMatchObject([{ what: expect.stringContaining(what) }]);
});

test.each([
  ['that ended early fails no run without a limit', EARLY, {}],
  ['that was late for a moment fails no run', saw({}, { skipped: 4 }), { maxLost: 0 }],
])('a prober %s', async (_, report, limit) => {
  const { watch } = prober(report, limit);
  const { exit, troubles } = await runOn({ hosts: pair(), resources: AB, request: { watch } });
  expect([exit, troubles]).toEqual([EXIT.converged, []]);
});

const NOBODY = saw({ answered: 0, unserved: 50, servedSinceMs: undefined });

test('what nobody ever answered for is a service that is not as it should be', async () => {
  const { watch } = prober(NOBODY, { maxLost: 0 });
  const { exit, checks, troubles, events } = await runOn({
    hosts: pair(),
    resources: AB,
    request: { watch },
  });
  expect([exit, troubles]).toEqual([EXIT.degraded, []]);
  expect(checks).toMatchObject([
    {
      check: 'every watched port is served',
      judgement: { ok: false, detail: 'served by nobody: 192.0.2.10:80 (50 requests, none answered)' },
    },
  ]);
  expect(events).toContainEqual({ type: 'check-judged', ...checks[0] });
});

test('it is not asked for after a run that did not do everything', async () => {
  const { watch } = prober(NOBODY);
  const failed = await runOn({ hosts: pair(), resources: [broken], request: { watch } });
  expect([failed.exit, failed.checks]).toEqual([EXIT.rolledBack, []]);

  const limited = await runOn({ hosts: pair(), resources: AB, request: { watch, selected: ['svr2'] } });
  expect([limited.exit, limited.checks]).toEqual([EXIT.converged, []]);

  const tagged = AB.map((resource) => ({ ...resource, tags: ['a'] }));
  const partly = await runOn({ hosts: pair(), resources: tagged, request: { watch, tags: ['a'] } });
  expect([partly.exit, partly.checks]).toEqual([EXIT.converged, []]);

  const hosts = pair();
  hosts[0].values.set('a', '1').set('b', '2');
  const last = await runOn({ hosts, resources: AB, request: { watch, selected: ['svr2'] } });
  expect(last.exit).toBe(EXIT.degraded);
});
