import { RunError } from '../core/error.ts';
import { pendingSteps } from '../core/plan.ts';
import type { Query, Seen } from '../core/query.ts';
import type { Check } from '../core/resource.ts';
import type { CheckResult } from '../core/result.ts';
import { askFromController } from '../stages/ask.ts';
import { planMember } from '../stages/plan.ts';
import { probe } from '../stages/probe.ts';
import { judge } from '../stages/verify.ts';
import type { DrillHost } from './host.ts';
import type { Site } from './site.ts';

/** How the cluster is, read once; nobody is waited for. */
export interface Inspection {
  /** Why a host could not be read. */
  readonly lost: readonly RunError[];
  /** What is not as the playbook declares it, a line each. */
  readonly pending: readonly string[];
  /** Every check of the playbook; none when a host could not be read. */
  readonly checks: readonly CheckResult[];
}

/** Reads every host, over a new connection where the last one does not answer any more. */
export async function inspect({ hosts, assembly }: Site): Promise<Inspection> {
  const { seen, lost } = await readAll(hosts, (name) => memberOf(assembly, name).queries);
  const pending = new Map(
    [...seen].map(([host, answers]) => [host, pendingOn(memberOf(assembly, host), answers)] as const),
  );
  const converged = (host: string) => pending.get(host)?.length === 0;
  const checks = lost.length > 0 ? [] : await judgeAll(assembly.checks, seen, converged);
  return { lost, pending: [...pending.values()].flat(), checks };
}

/** The checks that do not hold, by one reading of every host. */
export async function failingOf(
  checks: readonly Check[],
  hosts: readonly DrillHost[],
): Promise<readonly CheckResult[]> {
  if (checks.length === 0) {
    return [];
  }
  const queries = checks.flatMap((check) => Object.values(check.reads));
  const { seen, lost } = await readAll(hosts, () => queries);
  const [first] = lost;
  if (first !== undefined) {
    throw first;
  }
  const results = await judgeAll(checks, seen, () => true);
  return results.filter(({ judgement }) => !judgement.ok);
}

/** What keeps the cluster from being whole, a line each; empty when every host is as declared and every check holds. */
export function whatIsWrong({ lost, pending, checks }: Inspection): readonly string[] {
  return [...lost.map(({ message }) => message), ...pending, ...checks.filter(isFailing).map(shownCheck)];
}

export function shownCheck({ check, judgement }: CheckResult): string {
  return `${check}: ${judgement.detail}`;
}

/** What to do about the first check that does not hold. */
export function hintOf(checks: readonly CheckResult[]): string | undefined {
  return checks.filter(isFailing).find(({ judgement }) => judgement.hint)?.judgement.hint;
}

function isFailing({ judgement }: CheckResult): boolean {
  return !judgement.ok;
}

function pendingOn(member: Site['assembly']['members'][number], seen: Seen): readonly string[] {
  const plan = planMember(member, seen, { tags: [], skipTags: [] });
  return pendingSteps(plan).map((step) => {
    const what = step.is === 'change' ? step.change.summary : step.reason;
    return `${member.host}  ${step.resource.id}: ${what}`;
  });
}

async function judgeAll(
  checks: readonly Check[],
  seen: ReadonlyMap<string, Seen>,
  converged: (host: string) => boolean,
): Promise<readonly CheckResult[]> {
  const ask = { ...askFromController, converged };
  return Promise.all(
    checks.map(async (check) => ({ check: check.name, judgement: await judge(check, seen, ask) })),
  );
}

async function readAll(
  hosts: readonly DrillHost[],
  queriesOf: (host: string) => readonly Query<unknown>[],
): Promise<{ readonly seen: ReadonlyMap<string, Seen>; readonly lost: readonly RunError[] }> {
  const seen = new Map<string, Seen>();
  const lost: RunError[] = [];
  await Promise.all(
    hosts.map(async (host) => {
      try {
        seen.set(host.name, await probe(await host.connection(), queriesOf(host.name)));
      } catch (error) {
        if (!(error instanceof RunError)) {
          throw error;
        }
        lost.push(error);
      }
    }),
  );
  // In the order of the hosts, whoever answered first.
  return { seen: new Map(hosts.flatMap(({ name }) => inOrder(name, seen))), lost };
}

function inOrder(name: string, seen: ReadonlyMap<string, Seen>): readonly (readonly [string, Seen])[] {
  const own = seen.get(name);
  return own === undefined ? [] : [[name, own]];
}

function memberOf({ members }: Site['assembly'], name: string) {
  const member = members.find(({ host }) => host === name);
  if (member === undefined) {
    throw new Error(`nothing is declared for ${name}`);
  }
  return member;
}
