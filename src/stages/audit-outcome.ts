import { createHash } from 'node:crypto';
import type { AuditedChange, HostOutcome } from '../core/audit.ts';
import { pendingSteps, type PlanStep } from '../core/plan.ts';
import type { Seen } from '../core/query.ts';
import type { Resource } from '../core/resource.ts';
import type { HostResult } from '../core/result.ts';
import { canonicalText, type Digest } from '../core/saved-plan-digest.ts';
import type { Session } from './session.ts';

/** Longer texts say no more. */
const MAX_CHARS = 300;

interface Writing {
  readonly masked: (text: string) => string;
  /** Absent where the host's key could not be had. */
  readonly digest?: Digest | undefined;
}

/** What became of one host, as it is written down. */
export function outcomeOf(session: Session, { masked, digest }: Writing): HostOutcome {
  const { trouble } = session;
  const shown = (text: string) => masked(text).slice(0, MAX_CHARS);
  const why = trouble === undefined ? undefined : [trouble.resource, trouble.what].filter(Boolean).join(': ');
  const ids = new Set(session.log.begun.map(({ resource }) => resource.id));
  return {
    result: resultOf(session),
    ...(why !== undefined && { why: shown(why) }),
    changes: [...ids].map((id) => changeOf(id, session, { masked: shown, digest })),
  };
}

/** The digest of what was to be done on all hosts; secrets have no part in it. */
export function planDigest(hosts: readonly HostResult[], masked: (text: string) => string): string {
  const parts = hosts.map(({ host, plan }) => ({
    host,
    steps: (plan === undefined ? [] : pendingSteps(plan)).map(shownPart),
  }));
  return `sha256:${createHash('sha256')
    .update(masked(canonicalText(parts)))
    .digest('hex')}`;
}

/** What a person is shown of a change; of what is replaced the old text may hold a secret that nobody knows any more. */
function shownPart(step: Exclude<PlanStep, { is: 'ok' }>): unknown {
  const { id } = step.resource;
  if (step.is === 'unknown') {
    return { id, unknown: step.reason };
  }
  const { summary, details, destroys, diff = [] } = step.change;
  return { id, summary, details, destroys, after: diff.map(({ path, after }) => ({ path, after })) };
}

function resultOf({ rollback, status, trouble, log }: Session): HostOutcome['result'] {
  if (rollback !== undefined) {
    return rollback.left.length === 0 ? 'rolled-back' : 'partly-rolled-back';
  }
  return status !== 'changed' && log.begun.length > 0 && trouble === undefined ? 'interrupted' : status;
}

function changeOf(id: string, session: Session, { masked, digest }: Writing): AuditedChange {
  const { log, plan, seen, after } = session;
  const step = plan?.steps.find(({ resource }) => resource.id === id);
  const done = log.applied.find((applied) => applied.id === id);
  const summary = done?.summary ?? (step?.is === 'change' ? step.change.summary : 'as it turned out');
  const of = (when: Seen | undefined) =>
    step === undefined || when === undefined || digest === undefined
      ? undefined
      : digest(canonicalText(answersOf(step.resource, when)));
  const [was, is] = [of(seen), of(after)];
  return {
    id: masked(id),
    summary: masked(summary),
    is: fateOf(id, session),
    ...(was !== undefined && { before: was }),
    ...(is !== undefined && { after: is }),
  };
}

function fateOf(id: string, { log, rollback }: Session): AuditedChange['is'] {
  if (rollback !== undefined) {
    return rollback.undone.includes(id)
      ? 'undone'
      : rollback.stays.some((what) => what.startsWith(`${id}: `))
        ? 'stays'
        : 'left';
  }
  return log.applied.some((applied) => applied.id === id) ? 'done' : 'failed';
}

function answersOf({ reads }: Resource, seen: Seen): unknown {
  return Object.fromEntries(Object.entries(reads).map(([name, query]) => [name, seen.answer(query)]));
}
