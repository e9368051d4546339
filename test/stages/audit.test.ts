import { expect, test } from 'vitest';
import type { HostLine, RunRecord } from '../../src/core/audit.ts';
import { parseHostLine } from '../../src/core/audit.ts';
import { EXIT } from '../../src/core/error.ts';
import type { RunAudit } from '../../src/core/request.ts';
import type { Resource } from '../../src/core/resource.ts';
import { rawScript } from '../../src/core/script.ts';
import { Secret, mask } from '../../src/core/secret.ts';
import { canary } from '../canaries.ts';
import { MemoryHost } from './memory-host.ts';
import { keyed, runOn } from './memory-run.ts';

function auditTo(records: RunRecord[], more: Partial<RunAudit> = {}): RunAudit {
  return {
    mark: { by: 'root', from: 'control', pid: 7, command: 'run-playbook memory' },
    project: '/srv/web',
    inventory: '/srv/web/inventory/hosts.yml',
    masked: (text) => text,
    keep: async (record) => void records.push(record),
    ...more,
  };
}

/** What was appended to a host's log. */
function logOf(host: MemoryHost): readonly HostLine[] {
  return host.scripts.flatMap((script) => {
    const [, line] = /^printf '%s%s\\n' "\$first" '(.*)' \| dd /m.exec(script) ?? [];
    const parsed = line === undefined ? undefined : parseHostLine(line.replaceAll(`'\\''`, `'`));
    return parsed ?? [];
  });
}

function failing(key: string): Resource {
  const change = {
    summary: 'x',
    apply: rawScript(`set ${key} half\nfail|it broke`),
    undo: rawScript(`unset ${key}`),
  };
  return { ...keyed(key, '1'), plan: () => ({ is: 'change', change }) };
}

async function readOnly(): Promise<never> {
  throw new Error('EROFS: read-only file system');
}

const DIGEST = expect.stringMatching(/^[0-9a-f]{32}$/);

test('a run is written down when it begins and when it has ended, and once on each host that it changed', async () => {
  const records: RunRecord[] = [];
  const hosts = [new MemoryHost('svr1', { a: '1' }), new MemoryHost('svr2')];
  const { exit } = await runOn({ hosts, resources: [keyed('a', '1')], request: { audit: auditTo(records) } });
  expect(exit).toBe(EXIT.converged);
  const [begun, ended] = records;
  expect(records).toHaveLength(2);
  expect(begun).toMatchObject({
    v: 1,
    playbook: 'memory',
    by: 'root',
    from: 'control',
    selected: ['svr1', 'svr2'],
  });
  expect([begun?.hosts, begun?.end, begun?.exit]).toEqual([undefined, undefined, undefined]);
  const change = { id: 'task a', summary: 'absent -> 1', is: 'done', before: DIGEST, after: DIGEST };
  expect(ended).toMatchObject({
    run: begun?.run,
    start: begun?.start,
    exit: 0,
    plan: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    hosts: { svr1: { result: 'ok', changes: [] }, svr2: { result: 'changed', changes: [change] } },
  });
  expect(logOf(hosts[0] as MemoryHost)).toEqual([]);
  const [line, ...more] = logOf(hosts[1] as MemoryHost);
  expect(more).toEqual([]);
  expect(line).toMatchObject({
    run: begun?.run,
    host: 'svr2',
    result: 'changed',
    exit: 0,
    changes: [change],
  });
  expect(line).not.toHaveProperty('inventory');
});

test('the revision of the project is told as soon as git has told it', async () => {
  const records: RunRecord[] = [];
  const host = new MemoryHost('svr1');
  const revision = { commit: '0123456789abcdef', dirty: true };
  const audit = auditTo(records, { revision: Promise.resolve(revision) });
  await runOn({ hosts: [host], resources: [keyed('a', '1')], request: { audit } });
  expect([records[1]?.revision, logOf(host)[0]?.revision]).toEqual([revision, revision]);
});

test('what was there after one run is what is there before the next one', async () => {
  const records: RunRecord[] = [];
  const host = new MemoryHost('svr1');
  const request = { audit: auditTo(records) };
  await runOn({ hosts: [host], resources: [keyed('a', '1')], request });
  await runOn({ hosts: [host], resources: [keyed('a', '2')], request });
  const [first, second] = logOf(host).map(({ changes }) => changes[0]);
  expect(second?.before).toBe(first?.after);
  expect(second?.after).not.toBe(second?.before);
});

test('a run that fails and is taken back says so of every change', async () => {
  const records: RunRecord[] = [];
  const host = new MemoryHost('svr1');
  const stays: Resource = {
    ...keyed('p', '1'),
    plan: (seen, context) => {
      const verdict = keyed('p', '1').plan(seen, context);
      const { undo: _, ...change } =
        verdict.is === 'change' ? verdict.change : { summary: '', apply: rawScript('') };
      return verdict.is === 'change'
        ? { is: 'change', change: { ...change, cannotUndo: 'it stays' } }
        : verdict;
    },
  };
  const resources = [stays, keyed('a', '1'), failing('c')];
  const { exit } = await runOn({ hosts: [host], resources, request: { audit: auditTo(records) } });
  expect(exit).toBe(EXIT.rolledBack);
  const [line] = logOf(host);
  expect(line).toMatchObject({ result: 'rolled-back', exit: EXIT.rolledBack, why: 'task c: it broke' });
  expect(line?.changes.map(({ id, is }) => [id, is])).toEqual([
    ['task p', 'stays'],
    ['task a', 'undone'],
    ['task c', 'undone'],
  ]);
  const undone = line?.changes[1];
  expect(undone?.after).toBe(undone?.before);
  expect(records.at(-1)?.hosts?.['svr1']).toEqual({
    result: line?.result,
    why: line?.why,
    changes: line?.changes,
  });
});

test('without a rollback the change that failed is told apart from those that were made', async () => {
  const host = new MemoryHost('svr1');
  const request = { audit: auditTo([]), rollback: 'none' as const };
  await runOn({ hosts: [host], resources: [keyed('a', '1'), failing('c')], request });
  const [line] = logOf(host);
  expect(line?.result).toBe('failed');
  expect(line?.changes.map(({ id, is }) => [id, is])).toEqual([
    ['task a', 'done'],
    ['task c', 'failed'],
  ]);
  // Read once more for it: nobody else had.
  expect(line?.changes[1]?.after).toEqual(DIGEST);
});

test('a run that is stopped is written down too', async () => {
  const interrupt = new AbortController();
  const host = new MemoryHost('svr1');
  await runOn({
    hosts: [host],
    resources: [keyed('a', '1'), keyed('b', '2')],
    request: { audit: auditTo([]), rollback: 'none', signal: interrupt.signal },
    onEvent: (event) => {
      if (event.type === 'change-done') {
        interrupt.abort();
      }
    },
  });
  expect(logOf(host)).toMatchObject([
    { result: 'interrupted', exit: EXIT.interrupted, changes: [{ is: 'done' }] },
  ]);
});

test('a check is not written down, and a run without changes only here', async () => {
  const records: RunRecord[] = [];
  const host = new MemoryHost('svr1', { a: '1' });
  const audit = auditTo(records);
  await runOn({ hosts: [host], resources: [keyed('b', '1')], request: { audit, check: true } });
  expect(records).toEqual([]);
  await runOn({ hosts: [host], resources: [keyed('a', '1')], request: { audit } });
  expect([records.length, records[1]?.exit, host.scripts.length]).toEqual([2, EXIT.converged, 0]);
});

test('a secret is neither in the line nor in the record', async () => {
  const secret = new Secret('hunter2');
  const records: RunRecord[] = [];
  const host = new MemoryHost('svr1');
  const audit = auditTo(records, { masked: (text) => mask(text, [secret]) });
  await runOn({ hosts: [host], resources: [keyed('a', 'hunter2'), failing('hunter2')], request: { audit } });
  expect(JSON.stringify([records, logOf(host)])).not.toContain('hunter2');
  expect(logOf(host)[0]?.changes[0]).toMatchObject({ id: 'task a', summary: 'absent -> [secret]' });
});

test('the digest of a plan is the same whatever its secrets are', async () => {
  const plans = await Promise.all(
    [canary(), 'it\'s "hunter2"\n'].map(async (value) => {
      const records: RunRecord[] = [];
      const audit = auditTo(records, { masked: (text) => mask(text, [new Secret(value)]) });
      const plain = keyed('a', '1');
      const telling: Resource = {
        ...plain,
        plan(seen, context) {
          const verdict = plain.plan(seen, context);
          const diff = [{ path: '/a', before: '', after: `a ${value}\n` }];
          return verdict.is === 'change'
            ? { ...verdict, change: { ...verdict.change, summary: `a is ${value}`, diff } }
            : verdict;
        },
      };
      await runOn({ hosts: [new MemoryHost('svr1')], resources: [telling], request: { audit } });
      return records[1]?.plan;
    }),
  );
  expect(plans[0]).toMatch(/^sha256:/);
  expect(plans[1]).toBe(plans[0]);
});

test('a run that cannot be written down here has ended no worse, and says so', async () => {
  const host = new MemoryHost('svr1');
  const { exit, troubles } = await runOn({
    hosts: [host],
    resources: [keyed('a', '1')],
    request: { audit: auditTo([], { keep: readOnly }) },
  });
  expect(exit).toBe(EXIT.converged);
  expect(troubles[0]).toMatchObject({ what: 'this run could not be written down here' });
  expect(logOf(host)).toHaveLength(1);
});

test('a host that is gone at the end is written down here all the same', async () => {
  const records: RunRecord[] = [];
  const host = new MemoryHost('svr1');
  const gone: Resource = {
    ...keyed('c', '1'),
    plan: () => ({
      is: 'change',
      change: {
        summary: 'x',
        undo: rawScript('unset c'),
        apply: async () => {
          host.lost = true;
        },
      },
    }),
  };
  const request = { audit: auditTo(records), rollback: 'none' as const };
  const { exit, troubles } = await runOn({ hosts: [host], resources: [gone], request });
  expect(exit).toBe(EXIT.unreachable);
  expect(troubles).toHaveLength(1);
  expect(records[1]?.hosts?.['svr1']).toMatchObject({ changes: [{ id: 'task c', is: 'done' }] });
});

test('a run that is refused is written down with its exit code', async () => {
  const records: RunRecord[] = [];
  const host = new MemoryHost('svr1');
  host.os = 'plan9';
  await expect(
    runOn({ hosts: [host], resources: [keyed('a', '1')], request: { audit: auditTo(records) } }),
  ).rejects.toThrow('not supported');
  expect(records.map(({ exit }) => exit)).toEqual([undefined, EXIT.invalidInput]);
});
