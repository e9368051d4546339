import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { EXIT, PlanStale } from '../../src/core/error.ts';
import type { Host, Inventory } from '../../src/core/inventory.ts';
import type { RunRequest } from '../../src/core/request.ts';
import type { Action, Change, Check, Resource } from '../../src/core/resource.ts';
import type { PlannedSite } from '../../src/core/saved-plan.ts';
import { rawScript, sh } from '../../src/core/script.ts';
import { Secret } from '../../src/core/secret.ts';
import { outputOf } from '../../src/queries/output.ts';
import { task } from '../../src/resources/task.ts';
import { MemoryHost } from './memory-host.ts';
import { keyed, runOn } from './memory-run.ts';

type Run = Parameters<typeof runOn>[0];

const digest = (text: string) => createHmac('sha256', 'a key').update(text).digest('hex');

/** `svr1` has the VIP, and is worked on last. */
function pair(): readonly [MemoryHost, MemoryHost] {
  return [new MemoryHost('svr1', { vip: 'here' }), new MemoryHost('svr2')];
}

const AB = [keyed('a', '1'), keyed('b', '2')];

/** Checks, and what would be saved. */
async function plan(run: Run): Promise<PlannedSite> {
  let kept: PlannedSite | undefined;
  const keep = (site: PlannedSite) => {
    kept = site;
  };
  await runOn({ ...run, request: { ...run.request, check: true, saved: { digest, keep } } });
  if (kept === undefined) {
    throw new Error('nothing was planned');
  }
  return kept;
}

function apply(run: Run, expected: PlannedSite) {
  return runOn({ ...run, request: { ...run.request, saved: { digest, expected } } });
}

/** A task whose summary never tells what it does. */
function silent(action: Action, more: Partial<Change> = {}): Resource {
  const { plan: planned, ...rest } = task({
    name: 'silent',
    probe: rawScript('get s'),
    ok: ({ stdout }) => stdout === 'done',
    apply: action,
  });
  return {
    ...rest,
    plan(seen, context) {
      const verdict = planned(seen, context);
      return verdict.is === 'change' ? { is: 'change', change: { ...verdict.change, ...more } } : verdict;
    },
  };
}

test('a plan that still holds is applied, the changes that were saved and no others', async () => {
  const hosts = pair();
  const saved = await plan({ hosts, resources: AB });
  expect(saved.hosts.map(({ host, changes }) => [host, ...changes.map(({ id }) => id)])).toEqual([
    ['svr1', 'task a', 'task b'],
    ['svr2', 'task a', 'task b'],
  ]);
  const { exit } = await apply({ hosts, resources: AB }, saved);
  expect([exit, ...hosts.map(({ history }) => history)]).toEqual([
    EXIT.converged,
    ['a=1', 'b=2'],
    ['a=1', 'b=2'],
  ]);
});

test('a plan with nothing to change is applied too', async () => {
  const hosts = [new MemoryHost('svr1', { a: '1', b: '2' })];
  const saved = await plan({ hosts, resources: AB });
  expect(saved.hosts.map(({ changes }) => changes)).toEqual([[]]);
  const { exit } = await apply({ hosts, resources: AB }, saved);
  expect([exit, hosts[0]?.history]).toEqual([EXIT.converged, []]);
});

test('planning twice saves the same', async () => {
  const hosts = pair();
  expect(await plan({ hosts, resources: AB })).toEqual(await plan({ hosts, resources: AB }));
});

describe('a host that has moved', () => {
  test('is refused by name, with the object, and no host is touched', async () => {
    const hosts = pair();
    const saved = await plan({ hosts, resources: AB });
    hosts[1].values.set('a', '9');
    const { exit, hosts: results, troubles, events } = await apply({ hosts, resources: AB }, saved);
    expect(exit).toBe(EXIT.planStale);
    expect(troubles).toMatchObject([
      {
        host: 'svr2',
        resource: 'task a',
        what: 'not as it was when the plan was made; nothing was changed on any host',
        why: ['task a: the host has changed: planned "absent -> 1", now "9 -> 1"'],
      },
    ]);
    expect(results.map(({ status }) => status)).toEqual(['pending', 'failed']);
    expect(hosts.map(({ history }) => history)).toEqual([[], []]);
    expect(events.map(({ type }) => type)).not.toContain('host-started');
    expect(hosts.map(({ lockedBy }) => lockedBy)).toEqual([undefined, undefined]);
  });

  test('is refused though it would get the very same change', async () => {
    const [host] = pair();
    const resources = [silent(rawScript('set s done'))];
    const saved = await plan({ hosts: [host], resources });
    host.values.set('s', 'half');
    const { exit, troubles } = await apply({ hosts: [host], resources }, saved);
    expect([exit, host.history]).toEqual([EXIT.planStale, []]);
    expect(troubles).toMatchObject([
      {
        why: [
          'task silent: the host has changed: planned "not as wanted -> done", and so now, but not the same',
        ],
      },
    ]);
  });

  test('is refused when it needs less, and when it needs more', async () => {
    const hosts = pair();
    hosts[1].values.set('b', '2');
    const saved = await plan({ hosts, resources: AB });
    hosts[0].values.set('a', '1');
    hosts[1].values.delete('b');
    const { exit, troubles } = await apply({ hosts, resources: AB }, saved);
    expect(exit).toBe(EXIT.planStale);
    expect(troubles).toMatchObject([
      {
        host: 'svr1',
        resource: 'task a',
        why: ['task a: planned "absent -> 1", now nothing is to be done'],
      },
      { host: 'svr2', resource: 'task b', why: ['task b: not in the plan, now "absent -> 2"'] },
    ]);
  });

  test('is refused after it was applied once: that plan is done', async () => {
    const hosts = pair();
    const saved = await plan({ hosts, resources: AB });
    expect((await apply({ hosts, resources: AB }, saved)).exit).toBe(EXIT.converged);
    const { exit, troubles } = await apply({ hosts, resources: AB }, saved);
    expect(exit).toBe(EXIT.planStale);
    expect(troubles).toMatchObject([
      {
        host: 'svr1',
        why: ['task a and 1 more: nothing is to be done any more: was this plan applied already?'],
      },
      { host: 'svr2' },
    ]);
  });

  test('is refused where others have nothing to do either', async () => {
    const hosts = pair();
    hosts.forEach(({ values }) => values.set('a', '1'));
    const resources = [keyed('a', '1')];
    const saved = await plan({ hosts, resources });
    hosts[0].values.delete('a');
    const { exit, hosts: results } = await apply({ hosts, resources }, saved);
    expect([exit, ...results.map(({ status }) => status)]).toEqual([EXIT.planStale, 'failed', 'ok']);
  });

  test('may move in what the plan does not touch', async () => {
    const hosts = pair();
    const saved = await plan({ hosts, resources: AB });
    hosts[0].values.set('unrelated', 'x');
    expect((await apply({ hosts, resources: AB }, saved)).exit).toBe(EXIT.converged);
  });
});

/** `svr1` with variables of its role. */
const withVars = (vars: object): Partial<RunRequest> => ({
  cluster: [{ name: 'svr1', address: '192.0.2.1', groups: [], vars: new Map([['web', vars]]) }],
});

const check = (name: string): Check => ({ name, reads: {}, judge: () => ({ ok: true, detail: '' }) });

const unasked = () => {
  throw new Error('a host was asked');
};

/** Why a plan is refused before any host is asked. */
async function refusal(run: Run, saved: PlannedSite): Promise<readonly string[]> {
  const request = { ...run.request, connect: unasked };
  const error: unknown = await apply({ ...run, request }, saved).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PlanStale);
  return (error as PlanStale).trouble.why ?? [];
}

describe('a playbook or role that has moved', () => {
  const MOVES: readonly (readonly [string, Resource, Resource])[] = [
    ['the apply script', silent(rawScript('set s done')), silent(rawScript('set s done\nset t 1'))],
    [
      'the undo script',
      silent(sh`:`, { undo: rawScript('unset s') }),
      silent(sh`:`, { undo: rawScript('unset t') }),
    ],
    ['a secret in the script', silent(sh`set s ${new Secret('x')}`), silent(sh`set s ${new Secret('y')}`)],
    ['the details', silent(sh`:`, { details: ['one'] }), silent(sh`:`, { details: ['two'] })],
    ['what is destroyed', silent(sh`:`), silent(sh`:`, { destroys: ['/etc/x'] })],
    ['how long it may take', silent(sh`:`), silent(sh`:`, { timeoutMs: 1 })],
    ['the source of a zx function', silent(async ($) => $`one`), silent(async ($) => $`two`)],
  ];

  test.each(MOVES)('in %s', async (_, before, now) => {
    const hosts = pair();
    const saved = await plan({ hosts, resources: [before] });
    expect((await runOn({ hosts, resources: [before], request: { check: true } })).exit).toBe(
      EXIT.changesPending,
    );
    const { exit, troubles } = await apply({ hosts, resources: [now] }, saved);
    expect([exit, ...hosts.map(({ history }) => history)]).toEqual([EXIT.planStale, [], []]);
    const why = [
      'task silent: the playbook, a role or the inventory has changed: planned "not as wanted -> done", and so now, but not the same',
    ];
    expect(troubles).toMatchObject([
      { host: 'svr1', resource: 'task silent', why },
      { host: 'svr2', resource: 'task silent', why },
    ]);
  });

  test('in what it reads', async () => {
    const [host] = pair();
    const resource = silent(sh`:`);
    const saved = await plan({ hosts: [host], resources: [resource] });
    const more = { ...resource, reads: { ...resource.reads, other: outputOf(rawScript('get o')) } };
    const { troubles } = await apply({ hosts: [host], resources: [more] }, saved);
    expect(troubles[0]?.why?.[0]).toContain('the playbook, a role or the inventory has changed');
  });

  test('in the order of its changes', async () => {
    const [host] = pair();
    const saved = await plan({ hosts: [host], resources: AB });
    const { exit, troubles } = await apply({ hosts: [host], resources: AB.toReversed() }, saved);
    expect([exit, host.history]).toEqual([EXIT.planStale, []]);
    expect(troubles).toMatchObject([{ host: 'svr1', resource: 'order' }]);
  });

  test('in variables, though no change is another', async () => {
    const [host] = pair();
    const saved = await plan({ hosts: [host], resources: AB, request: withVars({ at: 1 }) });
    const { exit, troubles } = await apply(
      { hosts: [host], resources: AB, request: withVars({ at: 2 }) },
      saved,
    );
    expect([exit, host.history]).toEqual([EXIT.planStale, []]);
    expect(troubles).toMatchObject([{ host: 'svr1', resource: 'variables' }]);
  });
});

describe('what is known before any host is asked', () => {
  test('a host less, a host more', async () => {
    const hosts = pair();
    const saved = await plan({ hosts, resources: AB });
    expect(await refusal({ hosts: hosts.slice(0, 1), resources: AB }, saved)).toContain(
      'svr2  connection: is in the plan, and no longer among the hosts',
    );
    const more = [...hosts, new MemoryHost('svr3')];
    expect(await refusal({ hosts: more, resources: AB }, saved)).toContain(
      'svr3  connection: is not in the plan',
    );
  });

  test('another address of a host', async () => {
    const hosts = pair().slice(0, 1);
    const saved = await plan({ hosts, resources: AB });
    const target = { host: 'svr1', address: '192.0.2.9', port: 22, user: 'deploy' };
    const inventory: Inventory = {
      source: 'memory',
      hosts: new Map([['svr1', { name: 'svr1', target } as unknown as Host]]),
      groups: new Map(),
      secrets: [],
    };
    expect(await refusal({ hosts, resources: AB, request: { inventory } }, saved)).toEqual([
      'svr1  connection: planned deploy@192.0.2.1:22, now deploy@192.0.2.9:22',
    ]);
  });

  test('a check less, more hosts at a time', async () => {
    const hosts = pair();
    const run = { hosts, resources: AB, checks: [check('served')] };
    const saved = await plan(run);
    const others = [/^playbook memory: its roles, checks or limits/];
    expect(await refusal({ ...run, checks: [] }, saved)).toEqual(
      others.map((line) => expect.stringMatching(line)),
    );
    expect(await refusal({ ...run, serial: 2 }, saved)).toEqual(
      others.map((line) => expect.stringMatching(line)),
    );
  });
});

test('a host that cannot be read is not in what is saved', async () => {
  const hosts = pair();
  hosts[1].lost = true;
  const saved = await plan({ hosts, resources: AB });
  expect(saved.hosts.map(({ host }) => host)).toEqual(['svr1']);
});

test('nothing of what a host answered or a script says is in what is saved', async () => {
  const host = new MemoryHost('svr1', { s: 'OLD-CANARY' });
  const resources = [silent(sh`set s ${new Secret('CANARY-1')}\nset t CANARY-2`)];
  const saved = JSON.stringify(await plan({ hosts: [host], resources }));
  expect(saved).toContain('task silent');
  expect(saved).not.toContain('CANARY');
});
