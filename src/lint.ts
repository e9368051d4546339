import { mapLimited } from './core/concurrency.ts';
import type { Connection } from './core/connection.ts';
import { EXIT, InvalidInput, RunError, type Trouble } from './core/error.ts';
import type { Inventory, Target } from './core/inventory.ts';
import { byLevel, type LintFinding } from './core/lint.ts';
import type { LintResult, PlaybookFinding } from './core/lint-result.ts';
import type { Seen } from './core/query.ts';
import type { ClusterHost, Playbook } from './core/role.ts';
import {
  judgeSurvey,
  planSurvey,
  surveyHost,
  surveyQueries,
  type PlaceOf,
  type SurveyPlan,
} from './stages/survey.ts';

/** One playbook to look at, with what its variables break. */
export interface LintSubject {
  readonly playbook: Playbook;
  readonly cluster: readonly ClusterHost[];
  /** Names of the hosts to look at. */
  readonly selected: readonly string[];
  readonly findings: readonly LintFinding[];
  readonly placeOf: PlaceOf;
}

export interface LintRequest {
  readonly subjects: readonly LintSubject[];
  /** What keeps further playbooks from being looked at. */
  readonly troubles: readonly Trouble[];
  readonly inventory: Inventory;
  /** Hosts asked at the same time. */
  readonly forks: number;
  readonly connect: (target: Target) => Promise<Connection>;
}

interface Surveyed {
  readonly seen: ReadonlyMap<string, Seen>;
  readonly failures: readonly RunError[];
}

/**
 * Every rule that variables and hosts break; each host is asked once for all playbooks, and nothing is changed.
 *
 * What keeps a host from answering is in the result.
 *
 * @throws InvalidInput a role's own code failed
 */
export async function lint(request: LintRequest): Promise<LintResult> {
  const started = performance.now();
  const { subjects, troubles } = request;
  const plans = subjects.map(({ playbook, cluster }) => planSurvey(playbook, cluster));
  const { seen, failures } = await survey(plans, request);
  const findings = subjects.flatMap((subject, index) => {
    const plan = plans[index];
    const surveyed = plan === undefined ? [] : judgeSurvey(plan, seen, subject.placeOf);
    return [...subject.findings, ...surveyed]
      .filter(({ host }) => host === undefined || subject.selected.includes(host))
      .map((finding) => ({ ...finding, playbooks: [subject.playbook.name] }));
  });
  const { refuse, warn } = byLevel(mergePlaybooks(findings));
  const isRefused = refuse.length > 0 || troubles.length > 0;
  return {
    exit: isRefused ? EXIT.invalidInput : (failures[0]?.exit ?? EXIT.converged),
    playbooks: subjects.map(({ playbook }) => playbook.name),
    rules: rulesOf(subjects),
    surveyed: [...seen.keys()],
    findings: [...refuse, ...warn],
    troubles: [...troubles, ...failures.map(({ trouble }) => trouble)],
    ms: performance.now() - started,
  };
}

async function survey(plans: readonly SurveyPlan[], request: LintRequest): Promise<Surveyed> {
  const names = [...new Set(request.subjects.flatMap(({ selected }) => selected))];
  const asked = names.filter((name) => surveyQueries(plans, name).length > 0);
  const seen = new Map<string, Seen>();
  const failures: RunError[] = [];
  await mapLimited(asked, request.forks, async (name) => {
    try {
      const answers = await surveyNamed(name, plans, request);
      if (answers !== undefined) {
        seen.set(name, answers);
      }
    } catch (error) {
      if (!(error instanceof RunError) || error instanceof InvalidInput) {
        throw error;
      }
      failures.push(error);
    }
  });
  return { seen: new Map(names.flatMap((name) => named(seen, name))), failures };
}

async function surveyNamed(
  name: string,
  plans: readonly SurveyPlan[],
  { inventory, connect }: LintRequest,
): Promise<Seen | undefined> {
  const host = inventory.hosts.get(name);
  if (host === undefined) {
    throw new TypeError(`${name} is not in ${inventory.source}`);
  }
  const connection = await connect(host.target);
  try {
    return await surveyHost(plans, connection);
  } finally {
    await connection.close();
  }
}

function named<T>(map: ReadonlyMap<string, T>, name: string): readonly (readonly [string, T])[] {
  const value = map.get(name);
  return value === undefined ? [] : [[name, value]];
}

/** What several playbooks have in common is told once. */
function mergePlaybooks(findings: readonly PlaybookFinding[]): readonly PlaybookFinding[] {
  const merged = new Map<string, PlaybookFinding>();
  for (const finding of findings) {
    const { code, host, path, what, from } = finding;
    const key = JSON.stringify([code, host, path, what, from]);
    const playbooks = [...(merged.get(key)?.playbooks ?? []), ...finding.playbooks];
    merged.set(key, { ...finding, playbooks: [...new Set(playbooks)] });
  }
  return [...merged.values()];
}

function rulesOf(subjects: readonly LintSubject[]): number {
  const rules = subjects.flatMap(({ playbook }) => playbook.roles).flatMap((role) => role.rules ?? []);
  return new Set(rules.map(({ code }) => code)).size;
}
