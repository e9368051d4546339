import type { Observation } from '../core/drift.ts';
import type { PlanStep } from '../core/plan.ts';
import type { Query, Seen } from '../core/query.ts';
import type { Ask } from '../core/resource.ts';
import type { HostStatus } from '../core/status.ts';
import { statusFrom, statusQueries } from '../operate/status.ts';
import { appliedQuery, isAsLeft, lastApplied, type LastApplied } from '../stages/applied.ts';
import type { Member } from '../stages/assemble.ts';
import { planMember } from '../stages/plan.ts';
import { judge } from '../stages/verify.ts';
import { bootFindings, bootQueries } from './boot-settings.ts';
import { checkFindings, merged, observed, planFindings, type Sighting } from './findings.ts';
import { packageFindings } from './packages.ts';
import { serviceFindings } from './service.ts';
import { byRole, type Survey } from './survey.ts';
import { unitFindings, unitQueries } from './units.ts';

/** What hosts answered at one moment, judged. */
export interface Reading {
  readonly findings: readonly Sighting[];
  readonly status: ReadonlyMap<string, HostStatus>;
  readonly seen: ReadonlyMap<string, Seen>;
  /** What was last applied, as the hosts keep it; undefined when none of them does. */
  readonly playbook: string | undefined;
}

/** Everything that is asked of one host, in one command. */
export function queriesOf(member: Member, { cluster, inspections }: Survey): readonly Query<unknown>[] {
  const host = cluster.hosts.find(({ name }) => name === member.host);
  return [
    ...member.queries,
    ...statusQueries,
    appliedQuery,
    ...unitQueries(member),
    ...bootQueries(member),
    ...inspections.flatMap(({ role, inspection }) =>
      host === undefined ? [] : byRole(role, () => Object.values(inspection.reads(host))),
    ),
  ];
}

/**
 * Everything that is not as it should be, by the answers of one moment.
 *
 * @param seen hosts that could not be asked are missing
 * @param before the reading before this one
 * @throws InvalidInput a host is not supported, or a role's own code failed
 */
export async function judgeReading(
  survey: Survey,
  seen: ReadonlyMap<string, Seen>,
  { ask, before }: { readonly ask: Ask; readonly before?: Reading | undefined },
): Promise<Reading> {
  const reached = survey.members.flatMap((member) => {
    const answers = seen.get(member.host);
    const last = answers && lastApplied(answers.answer(appliedQuery));
    return answers === undefined ? [] : [{ member, answers, last }];
  });
  const hosts = reached
    .filter(({ member }) => !member.witness)
    .map(({ member, answers, last }) => ({
      host: member.host,
      ...judgedHost(member, answers, last),
      more: [
        ...unitFindings(member, { seen: answers, before: before?.seen.get(member.host), last }),
        ...bootFindings(member, answers),
      ],
    }));
  const isPending = hosts.some(({ pending }) => pending.size > 0);
  const checks = await Promise.all(
    survey.checks.map(async (check) => checkFindings(check, await judge(check, seen, ask), isPending)),
  );
  const inspected = survey.inspections.flatMap(({ role, inspection }) =>
    byRole(role, (): readonly Observation[] => inspection.judge(seen)).map((one) => {
      const about = hosts.filter(({ host }) => one.host === undefined || host === one.host);
      return observed(
        role,
        one,
        about.some(({ pending }) => pending.has(role)),
      );
    }),
  );
  const status = new Map(
    reached.map(({ member, answers }) => [member.host, statusFrom(member.host, answers)] as const),
  );
  const newest = reached.flatMap(({ last }) => last ?? []).toSorted((a, b) => b.at.localeCompare(a.at))[0];
  return {
    findings: merged([
      ...hosts.flatMap(({ findings, more }) => [...findings, ...more]),
      ...checks.flat(),
      ...serviceFindings([...status.values()], reached.length === survey.members.length),
      ...inspected,
    ]),
    status,
    seen,
    playbook: newest?.playbook,
  };
}

/** What of one host is not as declared, or not as the last run left it. */
export function hostFindings(member: Member, seen: Seen): readonly Sighting[] {
  return judgedHost(member, seen, lastApplied(seen.answer(appliedQuery))).findings;
}

interface JudgedHost {
  readonly findings: readonly Sighting[];
  /** Roles whose services run with another configuration than the project has by now. */
  readonly pending: ReadonlySet<string>;
}

function judgedHost(member: Member, seen: Seen, last: LastApplied | undefined): JudgedHost {
  const plan = planMember(member, seen, { tags: [], skipTags: [] });
  const isPending = ({ resource }: PlanStep) => isAsLeft(resource, seen, last);
  const pending = plan.steps.flatMap((step) =>
    step.is !== 'ok' && step.resource.kind === 'service' && isPending(step) ? (step.resource.role ?? []) : [],
  );
  return {
    findings: [...planFindings(plan, isPending), ...packageFindings(member, seen, last)],
    pending: new Set(pending),
  };
}
