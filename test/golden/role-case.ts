import * as v from 'valibot';
import type { Playbook, Role, ClusterHost, RoleContext } from '../../src/core/role.ts';
import { pendingSteps, planHost, type HostPlan } from '../../src/core/plan.ts';
import type { LockstepChange, Resource } from '../../src/core/resource.ts';
import { isScript } from '../../src/core/script.ts';
import { factsFrom, hostFacts } from '../../src/queries/facts.ts';
import phase1 from '../../playbooks/phase1.ts';
import phase2 from '../../playbooks/phase2.ts';
import checkScript from '../../roles/check-script/index.ts';
import haproxy from '../../roles/haproxy/index.ts';
import keepalived from '../../roles/keepalived/index.ts';
import nginx from '../../roles/nginx/index.ts';
import type { Data } from './case.ts';
import { convergedAnswers } from './converged.ts';
import { seenFrom, writtenAnswers } from './observed.ts';
import { shownStep, writtenFiles } from './show.ts';

/** What cases are about: one role, or a playbook's. */
export type Subject = Pick<Playbook, 'roles' | 'vars'>;

/** The subjects by the folder of their cases. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  nginx: { roles: [nginx] },
  keepalived: { roles: [keepalived] },
  'check-script': { roles: [checkScript] },
  haproxy: {
    roles: [onlyVars(nginx), haproxy, onlyVars(keepalived)],
    vars: { nginx: { proxied: true }, keepalived: { vips: [{ address: '172.25.254.130' }] } },
  },
  phase1,
  phase2,
};

/** A role whose variables others read, and that does nothing itself. */
function onlyVars({ name, description, vars }: Role): Role {
  return { name, description, vars, resources: () => [] };
}

const PAIR: Readonly<Record<string, HostVars>> = {
  svr1: { address: '172.25.254.131' },
  svr2: { address: '172.25.254.132' },
};

interface HostVars {
  readonly address: string;
  /** Above `vars`, for this host only. */
  readonly vars?: Readonly<Record<string, Data>>;
}

interface RoleCase {
  /** Variables by role, as in an inventory. */
  readonly vars?: Readonly<Record<string, Data>>;
  readonly hosts?: Readonly<Record<string, HostVars>>;
  /** The host that is planned; default the first. */
  readonly host?: string;
  /** What the host is before `observed` is put on top. */
  readonly from?: 'bare' | 'converged';
  readonly observed?: Data;
  /** `plan`: the changes; `change ID`: one in full, `diff ID`: without scripts; `files`: all that are written, or one by its path. */
  readonly show?: readonly string[];
}

/** What the roles plan on one host of a pair, and the files they write. */
export function planRoles({ roles, vars: preset = {} }: Subject, given: Data): unknown {
  const {
    vars = {},
    hosts: written = PAIR,
    from = 'bare',
    observed,
    show = ['plan'],
    ...rest
  } = given as RoleCase;
  const hosts = Object.entries(written).map(([name, own]) =>
    clusterHost(
      name,
      own,
      (role) => ({ ...(preset[role] as Data), ...vars[role], ...own.vars?.[role] }),
      roles,
    ),
  );
  const host = hosts.find(({ name }) => name === rest.host) ?? hosts[0];
  if (host === undefined) {
    throw new Error('a case needs a host');
  }
  const contextOf = (role: Role): RoleContext<unknown> => ({
    host,
    vars: host.vars.get(role.name),
    cluster: { hosts },
    peers: hosts.filter((other) => other !== host),
  });
  const refused = roles.flatMap((role) => role.rules ?? []).filter(({ level }) => level === 'refuse');
  const objections = roles
    .flatMap((role) => role.objections?.(contextOf(role)) ?? [])
    .filter(({ rule }) => refused.some(({ code }) => code === rule));
  if (objections.length > 0) {
    return { objections };
  }
  const resources = roles.flatMap((role) => role.resources(contextOf(role)));
  return shown(planOf(host.name, resources, { from, observed: observed ?? {} }), show);
}

function clusterHost(
  name: string,
  { address }: HostVars,
  varsOf: (role: string) => Data,
  roles: readonly Role[],
): ClusterHost {
  const vars = new Map(roles.map((role) => [role.name, v.parse(role.vars, varsOf(role.name))]));
  return { name, address, groups: ['all', 'web'], vars };
}

function planOf(
  host: string,
  resources: readonly Resource[],
  { from, observed }: { readonly from: 'bare' | 'converged'; readonly observed: Data },
): HostPlan {
  const queries = [hostFacts, ...resources.flatMap(({ reads }) => Object.values(reads))];
  const over = writtenAnswers(observed);
  const facts = new Map([...over].filter(([name]) => name === 'facts host'));
  const before = from === 'bare' ? new Map() : convergedAnswers(resources, queries, facts);
  const seen = seenFrom(queries, new Map([...before, ...over]));
  return planHost(host, resources, seen, factsFrom(seen));
}

function shown(plan: HostPlan, show: readonly string[]): unknown {
  const pending = pendingSteps(plan);
  const files = pending.flatMap((step) =>
    step.is === 'change' && isScript(step.change.apply) ? writtenFiles(step.change.apply.text) : [],
  );
  const asked = files.filter(({ path }) => show.includes('files') || show.includes(path));
  const missing = show.find((name) => name.startsWith('/') && asked.every(({ path }) => path !== name));
  if (missing !== undefined) {
    throw new Error(`${missing} is not written, only ${files.map(({ path }) => path).join(', ')}`);
  }
  const inFull = pending.flatMap((step) => {
    const { id } = step.resource;
    const wish = show.find((name) => name === `change ${id}` || name === `diff ${id}`);
    return wish === undefined ? [] : [[id, shownStep(step, wish.startsWith('diff'))] as const];
  });
  return {
    ...(show.includes('plan') && { plan: pending.map(line) }),
    ...(asked.length > 0 && {
      files: Object.fromEntries(
        asked.map(({ path, owner, mode, content }) => [`${path} ${owner} ${mode}`, content]),
      ),
    }),
    ...(inFull.length > 0 && {
      changes: Object.fromEntries(inFull),
    }),
  };
}

/** A change in one line, or with its details below it. */
function line(step: ReturnType<typeof pendingSteps>[number]): unknown {
  if (step.is === 'unknown') {
    return `${step.resource.id}: not known yet, ${step.reason}`;
  }
  const { summary, details = [], lockstep } = step.change;
  const head = `${step.resource.id}: ${summary}${waits(lockstep)}`;
  return details.length === 0 ? head : { [head]: details };
}

/** What a peer may mean for this change. */
function waits(lockstep: LockstepChange | undefined): string {
  return lockstep === undefined
    ? ''
    : lockstep.disagrees
      ? ' (disagrees: its peers wait for it)'
      : ' (waits for peers that disagree)';
}
