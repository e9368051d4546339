import { InvalidInput, type Trouble } from '../core/error.ts';
import type { HostPlan, PlanStep } from '../core/plan.ts';
import type { TagFilter } from '../core/request.ts';
import type { Resource } from '../core/resource.ts';
import { ENGINE_KIND } from './leftover.ts';
import { suggestionFor } from '../core/suggest.ts';

/** Tags of a resource: its role, its kind, and what its role gave it. */
export function tagsOf(resource: Resource): readonly string[] {
  return [resource.role, resource.kind, ...(resource.tags ?? [])].filter((tag) => tag !== undefined);
}

/** @throws InvalidInput a tag that no resource has: it would select nothing, or skip nothing, without a word */
export function refuseUnknownTags(resources: readonly Resource[], { tags, skipTags }: TagFilter): void {
  const known = new Set(resources.flatMap(tagsOf));
  const troubles = [
    ...tags.map((tag) => ['--tags', tag] as const),
    ...skipTags.map((tag) => ['--skip-tags', tag] as const),
  ]
    .filter(([, tag]) => !known.has(tag))
    .map(([option, tag]): Trouble => ({
      what: `${option} ${tag}: nothing in this playbook has that tag`,
      hint: suggestionFor(tag, known, 'tags'),
    }));
  if (troubles.length > 0) {
    throw new InvalidInput(troubles);
  }
}

/**
 * The part of a plan that was asked for.
 *
 * @throws InvalidInput something that is left out is not as declared, and needed by something that is not left out
 */
export function askedPart(whole: HostPlan, filter: TagFilter): HostPlan {
  const steps = whole.steps.filter((step) => isAsked(step, whole.host, filter));
  refuseMissingNeeds(whole, steps, filter);
  return { host: whole.host, steps };
}

function isAsked({ resource }: PlanStep, host: string, { tags, skipTags, only }: TagFilter): boolean {
  if (resource.kind === ENGINE_KIND) {
    return true;
  }
  if (only !== undefined && only.get(host)?.has(resource.id) !== true) {
    return false;
  }
  const own = tagsOf(resource);
  return (
    (tags.length === 0 || tags.some((tag) => own.includes(tag))) && !skipTags.some((tag) => own.includes(tag))
  );
}

function refuseMissingNeeds(whole: HostPlan, asked: readonly PlanStep[], { only }: TagFilter): void {
  const skipped = new Set(
    whole.steps.filter((step) => step.is !== 'ok' && !asked.includes(step)).map((step) => step.resource.id),
  );
  const troubles = asked
    .filter((step) => step.is !== 'ok')
    .flatMap(({ resource }) => {
      const missing = resource.needs.filter((id) => skipped.has(id));
      return missing.map((id): Trouble => ({
        host: whole.host,
        resource: resource.id,
        what: `needs "${id}", which is not as declared and is left out`,
        hint:
          only === undefined
            ? 'widen --tags, or shorten --skip-tags'
            : 'it differs because the project has changed: run the whole playbook',
      }));
    });
  if (troubles.length > 0) {
    throw new InvalidInput(troubles);
  }
}
