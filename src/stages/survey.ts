import { InvalidInput } from '../core/error.ts';
import type { Connection } from '../core/connection.ts';
import type { Place } from '../core/inventory.ts';
import { findingOf, type LintFinding } from '../core/lint.ts';
import type { Query, Seen } from '../core/query.ts';
import { roleFault } from '../core/role-fault.ts';
import type { ClusterHost, Playbook, Role, Survey } from '../core/role.ts';
import { probe } from './probe.ts';

/** What the roles of one playbook have to ask its hosts. */
export interface SurveyPlan {
  readonly hosts: readonly ClusterHost[];
  readonly surveys: readonly RoleSurvey[];
}

interface RoleSurvey {
  readonly role: Role;
  readonly survey: Survey;
}

/** Where a variable of a host was written. */
export type PlaceOf = (host: string, path: string) => Place | undefined;

/** The surveys of a playbook's roles, none of them asked yet. @throws InvalidInput a role's own code failed */
export function planSurvey(playbook: Playbook, hosts: readonly ClusterHost[]): SurveyPlan {
  const surveys = playbook.roles.flatMap((role) => {
    const survey = byRole(role, () => role.survey?.({ hosts }));
    return survey === undefined ? [] : [{ role, survey }];
  });
  return { hosts, surveys };
}

/** What all surveys read of one host; one exec answers it. @throws InvalidInput a role's own code failed */
export function surveyQueries(plans: readonly SurveyPlan[], name: string): readonly Query<unknown>[] {
  return plans.flatMap(({ hosts, surveys }) => {
    const host = hosts.find((candidate) => candidate.name === name);
    return host === undefined
      ? []
      : surveys.flatMap(({ role, survey }) => byRole(role, () => Object.values(survey.reads(host))));
  });
}

/** The answers of one host; undefined where nothing is asked. */
export async function surveyHost(
  plans: readonly SurveyPlan[],
  connection: Connection,
): Promise<Seen | undefined> {
  const queries = surveyQueries(plans, connection.host);
  return queries.length === 0 ? undefined : probe(connection, queries);
}

/**
 * The rules that the hosts break.
 *
 * @param seen answers by host; hosts that could not be asked are missing
 * @throws InvalidInput a role's own code failed
 */
export function judgeSurvey(
  { hosts, surveys }: SurveyPlan,
  seen: ReadonlyMap<string, Seen>,
  placeOf: PlaceOf,
): readonly LintFinding[] {
  const own = new Map([...seen].filter(([name]) => hosts.some((host) => host.name === name)));
  return surveys.flatMap(({ role, survey }) =>
    byRole(role, () =>
      survey.judge(own).map((objection) => {
        const { host, path } = objection;
        return findingOf(objection, { rules: role.rules ?? [], host, place: placeOf(host, path) });
      }),
    ),
  );
}

function byRole<T>(role: Role, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new InvalidInput([
      { resource: `role ${role.name}`, hint: 'correct the role', ...roleFault(error) },
    ]);
  }
}
