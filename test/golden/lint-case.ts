import * as v from 'valibot';
import type { LintFinding, Rule } from '../../src/core/lint.ts';
import type { Query, Seen } from '../../src/core/query.ts';
import { playbook, type Playbook } from '../../src/core/role.ts';
import type { BoundHost } from '../../src/load/bind-vars.ts';
import { lintVars, placeIn } from '../../src/load/lint.ts';
import { LoadedVariables, mergeLayers, variablesOf } from '../../src/load/variables.ts';
import { judgeSurvey, planSurvey, type SurveyPlan } from '../../src/stages/survey.ts';
import checkScript from '../../roles/check-script/index.ts';
import haproxy from '../../roles/haproxy/index.ts';
import keepalived from '../../roles/keepalived/index.ts';
import nginx from '../../roles/nginx/index.ts';
import type { Data } from './case.ts';
import { SUBJECTS, type Subject } from './role-case.ts';

/** A case of one rule: a cluster that keeps it, and one that breaks it. */
export interface LintCase {
  /** `HA101` */
  readonly rule: string;
  /** One of SUBJECTS; default phase1. */
  readonly subject?: string;
  readonly kept: Situation;
  readonly broken: Situation;
}

/** A pair as an inventory declares it, and what its hosts answer; a healthy one where nothing is said. */
interface Situation {
  /** Variables by role, for all hosts. */
  readonly vars?: Data;
  readonly hosts?: Readonly<Record<string, { readonly vars?: Data }>>;
  /** Answers by host and by name of what the survey reads; `null` for a host that cannot be asked. */
  readonly observed?: Readonly<Record<string, Data | null>>;
}

const PAIR: Readonly<Record<string, string>> = { svr1: '172.25.254.131', svr2: '172.25.254.132' };
const MACS: Readonly<Record<string, string>> = { svr1: '02:00:00:00:00:01', svr2: '02:00:00:00:00:02' };
const VIPS: Data = { keepalived: { vips: [{ address: '172.25.254.130' }] } };

/** What cases are about: the playbooks, and what no playbook is. */
const LINTED: Readonly<Record<string, Subject>> = {
  ...SUBJECTS,
  'without presets': { roles: [nginx, checkScript, keepalived], vars: { nginx: { vip_follows: true } } },
  'haproxy alone': { roles: [haproxy] },
};

/** Everything that is found in both situations, a line for each finding with what to do about it. */
export function lintBoth(given: Data): unknown {
  const { subject = 'phase1', kept, broken } = given as unknown as LintCase;
  const { roles, vars } = LINTED[subject] ?? { roles: [] };
  const about = playbook({ name: subject, description: '', hosts: 'web', roles, ...(vars && { vars }) });
  return { kept: lintOne(about, kept).map(line), broken: lintOne(about, broken).map(line) };
}

/** Every rule of every role that cases can be about. */
export function allRules(): readonly Rule[] {
  const rules = Object.values(LINTED).flatMap(({ roles }) => roles.flatMap((role) => role.rules ?? []));
  return [...new Map(rules.map((rule) => [rule.code, rule])).values()];
}

function lintOne(about: Playbook, { vars = {}, hosts: written = {}, observed = {} }: Situation) {
  const hosts = Object.entries(PAIR).map(([name, address]): BoundHost => {
    const layers = [about.vars ?? {}, VIPS, vars, written[name]?.vars ?? {}].map(
      (layer) => variablesOf(layer, 'inventory').root,
    );
    const variables = new LoadedVariables(mergeLayers(layers));
    const bound = about.roles.map(
      (role) => [role.name, v.parse(role.vars, variables.values[role.name] ?? {})] as const,
    );
    return { name, address, groups: ['all', 'web'], vars: new Map(bound), variables };
  });
  const plan = planSurvey(about, hosts);
  const asked = hosts.filter(({ name }) => observed[name] !== null);
  const seen = new Map(asked.map((host) => [host.name, answersOf(host, plan, observed[host.name] ?? {})]));
  return [...lintVars(about, hosts, 'inventory'), ...judgeSurvey(plan, seen, placeIn(hosts))];
}

/** What a host answers to every survey, by the names under which they read it. */
function answersOf(host: BoundHost, { surveys }: SurveyPlan, observed: Data): Seen {
  const reads = surveys.flatMap(({ survey }) => Object.entries(survey.reads(host)));
  const stray = Object.keys(observed).find((name) => reads.every(([read]) => read !== name));
  if (stray !== undefined) {
    throw new Error(
      `observed ${stray} on ${host.name}, but only this is read: ${reads.map(([name]) => name).join(', ')}`,
    );
  }
  return {
    answer<T>(query: Query<T>): T {
      const name = reads.find(
        ([, { family, key }]) => family.name === query.family.name && key === query.key,
      )?.[0];
      if (name === undefined) {
        throw new Error(`${query.family.name} ${query.key} is used, but not among what is read`);
      }
      return HEALTHY[name]?.(host, observed[name]) as T;
    },
  };
}

/** Answers of a healthy host with what a case writes: `segment` further lines, the others instead. */
const HEALTHY: Readonly<Record<string, (host: BoundHost, written: unknown) => unknown>> = {
  facts: ({ address }, interfaces) => ({
    os: 'debian',
    osVersion: '12',
    systemd: true,
    interfaces: interfaces ?? [
      { name: 'lo', addresses: ['127.0.0.1/8'] },
      { name: 'host0', addresses: [`${address}/24`] },
    ],
  }),
  segment: ({ name }, lines = []) => ({
    exit: 0,
    stdout: [
      `interface host0 ${MACS[name]}`,
      'interface lo 00:00:00:00:00:00',
      ...(lines as readonly string[]),
    ].join('\n'),
  }),
  listeners: (_, sockets = []) => [
    { address: '0.0.0.0', port: 22, processes: [{ name: 'sshd', pid: 43 }] },
    ...(sockets as readonly unknown[]),
  ],
  file_limits: (_, lines = ['-', 524_288, 1_048_576, 1_073_741_816]) => ({
    exit: 0,
    stdout: (lines as readonly unknown[]).join('\n'),
  }),
};

function line({ code, level, host, path, what, hint }: LintFinding): unknown {
  const finding = `${code} ${level}  ${host === undefined ? '' : `${host} `}${path}: ${what}`;
  return hint === undefined ? finding : { [finding]: hint };
}
