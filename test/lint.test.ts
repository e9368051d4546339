import { expect, test } from 'vitest';
import * as v from 'valibot';
import { Unreachable } from '../src/core/error.ts';
import type { Host, Inventory } from '../src/core/inventory.ts';
import type { LintFinding, Rule } from '../src/core/lint.ts';
import { playbook, role, type ClusterHost } from '../src/core/role.ts';
import { rawScript } from '../src/core/script.ts';
import { lint, type LintRequest, type LintSubject } from '../src/lint.ts';
import { outputOf } from '../src/queries/output.ts';
import { MemoryHost } from './stages/memory-host.ts';

const network = outputOf(rawScript('get network'));

const RULES: readonly Rule[] = [
  { code: 'NET1', title: 'loud', level: 'refuse', why: '', fix: '' },
  { code: 'NET2', title: 'odd', level: 'warn', why: '', fix: '' },
];

const web = role({
  name: 'web',
  description: '',
  vars: v.object({}),
  resources: () => [],
  rules: RULES,
  survey: () => ({
    reads: () => ({ network }),
    judge: (seen) =>
      [...seen].flatMap(([host, answers]) => {
        const { stdout } = answers.answer(network);
        const rule = { loud: 'NET1', odd: 'NET2' }[stdout];
        return rule === undefined ? [] : [{ rule, host, path: 'web.network', what: `is ${stdout}` }];
      }),
  }),
});

const WARNED: LintFinding = { code: 'NET2', level: 'warn', title: 'odd', path: 'web.port', what: 'is odd' };

function subject(name: string, hosts: readonly MemoryHost[], wanted: Partial<LintSubject> = {}): LintSubject {
  const cluster = hosts.map((host): ClusterHost => ({
    name: host.name,
    address: '192.0.2.1',
    groups: [],
    vars: new Map(),
  }));
  return {
    playbook: playbook({ name, description: '', hosts: 'web', roles: [web] }),
    cluster,
    selected: cluster.map((host) => host.name),
    findings: [],
    placeOf: () => undefined,
    ...wanted,
  };
}

function request(hosts: readonly MemoryHost[], subjects: readonly LintSubject[]): LintRequest {
  const entries = hosts.map(({ name }) => [name, { name, target: { host: name } } as Host] as const);
  const inventory: Inventory = {
    source: 'memory',
    hosts: new Map(entries),
    groups: new Map(),
    secrets: [],
  };
  return {
    subjects,
    troubles: [],
    inventory,
    forks: 10,
    async connect(target) {
      const host = hosts.find(({ name }) => name === target.host);
      if (host === undefined || host.lost) {
        throw new Unreachable({ host: target.host, what: 'does not answer' });
      }
      return host.connection();
    },
  };
}

function pair(...networks: readonly string[]): readonly MemoryHost[] {
  return networks.map((kind, index) => new MemoryHost(`svr${index + 1}`, { network: kind }));
}

test('nothing found is exit 0, and says what was looked at', async () => {
  const hosts = pair('quiet', 'quiet');
  const result = await lint(request(hosts, [subject('phase1', hosts)]));
  expect(result).toMatchObject({
    exit: 0,
    playbooks: ['phase1'],
    rules: 2,
    surveyed: ['svr1', 'svr2'],
    findings: [],
    troubles: [],
  });
});

test('warnings are exit 0, a refusal is exit 5 and stands first', async () => {
  const warned = pair('odd', 'quiet');
  expect(await lint(request(warned, [subject('a', warned, { findings: [WARNED] })]))).toMatchObject({
    exit: 0,
  });
  const refused = pair('odd', 'loud');
  const result = await lint(request(refused, [subject('a', refused, { findings: [WARNED] })]));
  expect(result.exit).toBe(5);
  expect(result.findings.map(({ code, host }) => [code, host])).toEqual([
    ['NET1', 'svr2'],
    ['NET2', undefined],
    ['NET2', 'svr1'],
  ]);
});

test('several playbooks ask each host once, and what they share is told once', async () => {
  const hosts = pair('loud', 'quiet');
  const result = await lint(
    request(hosts, [subject('phase1', hosts), subject('phase2', hosts, { findings: [WARNED] })]),
  );
  expect(hosts.map(({ execs }) => execs)).toEqual([1, 1]);
  expect(result.findings.map(({ code, playbooks }) => [code, playbooks])).toEqual([
    ['NET1', ['phase1', 'phase2']],
    ['NET2', ['phase2']],
  ]);
});

test('a host that does not answer is exit 4, and the others are told', async () => {
  const hosts = pair('odd', 'odd');
  (hosts[1] as MemoryHost).lost = true;
  const result = await lint(request(hosts, [subject('phase1', hosts)]));
  expect(result).toMatchObject({
    exit: 4,
    surveyed: ['svr1'],
    findings: [{ code: 'NET2', host: 'svr1' }],
    troubles: [{ host: 'svr2', what: 'does not answer' }],
  });
});

test('a refusal counts more than a host that does not answer', async () => {
  const hosts = pair('loud', 'odd');
  (hosts[1] as MemoryHost).lost = true;
  expect((await lint(request(hosts, [subject('phase1', hosts)]))).exit).toBe(5);
});

test('a limit leaves out what is about other hosts, and does not connect to them', async () => {
  const hosts = pair('loud', 'odd');
  const findings = [{ ...WARNED, host: 'svr1' }, WARNED];
  const result = await lint(request(hosts, [subject('phase1', hosts, { selected: ['svr2'], findings })]));
  expect(hosts.map(({ execs }) => execs)).toEqual([0, 1]);
  expect(result.findings.map(({ code, host }) => [code, host])).toEqual([
    ['NET2', undefined],
    ['NET2', 'svr2'],
  ]);
});
