import { createHash } from 'node:crypto';
import { SEVERITIES, type DriftClass, type Finding, type Observation, type Severity } from '../core/drift.ts';
import { pendingSteps, type HostPlan, type PlanStep } from '../core/plan.ts';
import type { Check, Deviation, Judgement } from '../core/resource.ts';

/** A finding of one reading, which another one is to confirm. */
export type Sighting = Finding & Pick<Observation, 'because' | 'settlesMs'>;

/** What the kinds of resources are about, where they do not say it themselves. */
const CLASSES: Readonly<Record<string, DriftClass>> = {
  package: 'package',
  files: 'file',
  directory: 'directory',
  user: 'user',
  service: 'service',
  sysctl: 'sysctl',
  run: 'run',
};

/**
 * What a plan would change, thing by thing.
 *
 * @param isPending whether a resource is as the last run left it: then it is the project that has changed
 */
export function planFindings(
  { host, steps }: HostPlan,
  isPending: (step: PlanStep) => boolean,
): readonly Sighting[] {
  return pendingSteps({ host, steps }).flatMap((step) => {
    const { id, role } = step.resource;
    const severity: Severity = isPending(step) ? 'pending' : 'drift';
    const about = { host, role, resource: id, severity };
    return deviationsOf(step).map((deviation) => ({
      ...finding({ ...deviation, ...about }),
      diff: step.is === 'change' ? step.change.diff?.find(({ path }) => path === deviation.item) : undefined,
    }));
  });
}

function deviationsOf(step: Exclude<PlanStep, { is: 'ok' }>): readonly Deviation[] {
  const { id, kind } = step.resource;
  const about = { item: id, class: CLASSES[kind] ?? 'task' } as const;
  if (step.is === 'unknown') {
    return [{ ...about, found: step.reason, expected: 'as declared' }];
  }
  const { summary, deviations = [] } = step.change;
  if (deviations.length > 0) {
    return deviations;
  }
  const [found = summary, expected = 'as declared'] = summary.split(' -> ');
  return [{ ...about, found, expected }];
}

/** What goes by variables may only not be there yet when the project has changed and the hosts have not. */
const DOUBTED = {
  severity: 'pending',
  hint: 'what is pending may be why: apply it, or check what was applied',
} as const;

/**
 * What a check of the whole cluster does not find.
 *
 * @param isPending what it expects may follow from a change of the project's that the hosts have not got yet
 */
export function checkFindings(
  { name, role, drift }: Check,
  judgement: Judgement,
  isPending: boolean,
): readonly Sighting[] {
  if (judgement.ok) {
    return [];
  }
  const { class: is = 'service', severity = 'degraded', settlesMs } = drift ?? {};
  const { detail, hint, deviations = [{ item: name, found: detail, expected: 'holds' }] } = judgement;
  return deviations.map((deviation) =>
    finding({
      ...deviation,
      role,
      class: is,
      ...(isPending ? DOUBTED : { severity, hint }),
      settlesMs,
    }),
  );
}

/** What a role saw that no plan shows. @param isPending as for a check */
export function observed(role: string, observation: Observation, isPending: boolean): Sighting {
  const { ofVariables = false, severity, ...rest } = observation;
  const isOfPlan = ofVariables && isPending && severity !== 'notice';
  return { ...finding({ ...rest, ...(isOfPlan ? DOUBTED : { severity }) }), role };
}

/** A finding with its id. */
export function finding<T extends Omit<Finding, 'id'>>(about: T): T & Pick<Finding, 'id'> {
  const { host = '', class: is, item } = about;
  const id = createHash('sha256').update([host, is, item].join('\0')).digest('hex').slice(0, 12);
  return { ...about, id };
}

/** The same thing seen in several ways is one finding: the first of the heaviest. */
export function merged(sightings: readonly Sighting[]): readonly Sighting[] {
  const byId = new Map<string, Sighting>();
  for (const sighting of sightings) {
    const other = byId.get(sighting.id);
    const isHeavier =
      other === undefined || SEVERITIES.indexOf(sighting.severity) < SEVERITIES.indexOf(other.severity);
    const settlesMs = Math.max(sighting.settlesMs ?? 0, other?.settlesMs ?? 0);
    const chosen = isHeavier ? sighting : other;
    byId.set(sighting.id, {
      ...chosen,
      ...(chosen.resource === undefined && other?.resource !== undefined && { resource: other.resource }),
      settlesMs,
    });
  }
  return [...byId.values()];
}
