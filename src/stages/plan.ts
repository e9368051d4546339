import { InvalidInput, type Trouble } from '../core/error.ts';
import type { Facts } from '../core/facts.ts';
import { planHost, type HostPlan, type PlanStep } from '../core/plan.ts';
import type { Seen } from '../core/query.ts';
import type { TagFilter } from '../core/request.ts';
import { factsFrom } from '../queries/facts.ts';
import type { Member } from './assemble.ts';

/**
 * The plan of one host, its unasked parts left out.
 *
 * @throws InvalidInput the host is not supported, or a part that is left out is needed by one that is not
 */
export function planMember(member: Member, seen: Seen, filter: TagFilter): HostPlan {
  const facts = factsFrom(seen);
  refuseUnsupported(member.host, facts);
  const whole = planHost(member.host, member.resources, seen, facts);
  const steps = whole.steps.filter((step) => isAsked(step, filter));
  refuseMissingNeeds(whole, steps);
  return { host: member.host, steps };
}

/** Tags of a step: its role, its kind, and what its role gave it. */
export function tagsOf({ resource }: PlanStep): readonly string[] {
  return [resource.role, resource.kind, ...(resource.tags ?? [])].filter((tag) => tag !== undefined);
}

function isAsked(step: PlanStep, { tags, skipTags }: TagFilter): boolean {
  const own = tagsOf(step);
  return (
    (tags.length === 0 || tags.some((tag) => own.includes(tag))) && !skipTags.some((tag) => own.includes(tag))
  );
}

function refuseMissingNeeds(whole: HostPlan, asked: readonly PlanStep[]): void {
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
        what: `needs "${id}", which is not as declared and is left out by the tags`,
        hint: 'widen --tags, or shorten --skip-tags',
      }));
    });
  if (troubles.length > 0) {
    throw new InvalidInput(troubles);
  }
}

function refuseUnsupported(host: string, facts: Facts): void {
  const what =
    facts.os !== 'debian' && facts.os !== 'ubuntu'
      ? `runs ${facts.os === '' ? 'an unknown system' : facts.os}, which is not supported`
      : facts.systemd
        ? undefined
        : 'does not run systemd as PID 1, which is needed';
  if (what !== undefined) {
    throw new InvalidInput([
      { host, what, hint: 'take it out of the group: Debian and Ubuntu with systemd are supported' },
    ]);
  }
}
