import { InvalidInput } from '../core/error.ts';
import type { Facts } from '../core/facts.ts';
import { planHost, type HostPlan } from '../core/plan.ts';
import type { Seen } from '../core/query.ts';
import type { TagFilter } from '../core/request.ts';
import { factsFrom } from '../queries/facts.ts';
import type { Member } from './assemble.ts';
import type { Session } from './session.ts';
import { askedPart } from './tags.ts';

/**
 * The plan of one host, its unasked parts left out.
 *
 * @throws InvalidInput the host is not supported, or a part that is left out is needed by one that is not
 */
export function planMember(member: Member, seen: Seen, filter: TagFilter): HostPlan {
  const facts = factsFrom(seen);
  refuseUnsupported(member.host, facts);
  const whole = planHost(member.host, member.resources, seen, facts);
  return askedPart(whole, filter);
}

/** What would have to be changed on hosts that `--limit` leaves out, as far as they could be read. */
export function witnessPlans(sessions: readonly Session[]): readonly HostPlan[] {
  return sessions.flatMap(({ member, seen }) =>
    member.witness && seen !== undefined
      ? [planHost(member.host, member.declared, seen, factsFrom(seen))]
      : [],
  );
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
