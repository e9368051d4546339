import type { DrillRole } from '../core/drill.ts';
import type { CheckResult } from '../core/result.ts';

/** Who holds each virtual IP. */
export type Holders = ReadonlyMap<string, string>;

/** The holders as checks found them. */
export function holdersIn(checks: readonly CheckResult[]): Holders {
  return new Map(
    checks.flatMap(({ judgement }) => {
      const { vip, vipHolder } = judgement.values ?? {};
      return typeof vip === 'string' && typeof vipHolder === 'string' ? [[vip, vipHolder] as const] : [];
    }),
  );
}

export function roleOf(host: string, holders: Holders): DrillRole {
  return [...holders.values()].includes(host) ? 'holder' : 'standby';
}

/** The host whose turn it is: of those that are left one that holds a virtual IP, else the first. */
export function nextHost(left: readonly string[], holders: Holders): string | undefined {
  return left.find((host) => roleOf(host, holders) === 'holder') ?? left[0];
}

/**
 * Where the virtual IPs went, for a person to read: `stays`, `to svr2`, `to svr2 and back`.
 *
 * @param meanwhile hosts that were seen holding each, besides the one that held it before
 */
export function journey(
  before: Holders,
  after: Holders,
  meanwhile: ReadonlyMap<string, ReadonlySet<string>>,
): string {
  const told = [...before].map(([vip, from]) => {
    const to = after.get(vip);
    const seen = [...(meanwhile.get(vip) ?? [])].filter((host) => host !== from);
    if (to === undefined) {
      return [vip, 'held by no single host'] as const;
    }
    if (to !== from) {
      return [vip, `to ${to}`] as const;
    }
    return [vip, seen.length === 0 ? 'stays' : `to ${seen.join(', ')} and back`] as const;
  });
  const texts = new Set(told.map(([, text]) => text));
  return texts.size === 1 ? ([...texts][0] ?? '') : told.map(([vip, text]) => `${vip} ${text}`).join(', ');
}
