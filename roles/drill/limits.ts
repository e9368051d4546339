import type { ClusterHost, FaultLimits } from 'run-playbook';
import type { FaultName } from './names.ts';
import { keepalivedOf } from './segment.ts';

/** What the limits follow from. */
export interface Pace {
  /** Requests per second to each target. */
  readonly rate: number;
  /** Whether HAProxy stands in front of nginx. */
  readonly isProxied: boolean;
  /** The host's keepalived, whose settings are the same on all. */
  readonly host: ClusterHost | undefined;
}

/** What clients may notice of a fault where the playbooks are used as they are shipped. */
export function defaultLimits(name: FaultName, pace: Pace): FaultLimits {
  const limits: Partial<Record<FaultName, FaultLimits>> = pace.isProxied ? proxied(pace) : {};
  return limits[name] ?? direct(pace)[name];
}

function direct({ host }: Pace): Record<FaultName, FaultLimits> {
  const keepalived = keepalivedOf(host);
  // Who can still say so hands the address over at once.
  const goodbye = { outageMs: 300 };
  // A host is dead after three adverts that did not come.
  const dead = { outageMs: Math.round(400 + 3000 * (keepalived?.advert_int ?? 1)) };
  const hang = { outageMs: hangMs(Object.values(keepalived?.checks ?? {})) };
  return {
    'stop-nginx': goodbye,
    'kill-nginx': goodbye,
    'hang-nginx': hang,
    'stop-haproxy': goodbye,
    'kill-haproxy': goodbye,
    'hang-haproxy': hang,
    'stop-keepalived': goodbye,
    'kill-keepalived': dead,
    'partition-and-heal': { outageMs: 500 },
    'link-down': dead,
    freeze: dead,
    reboot: goodbye,
    'power-loss': dead,
  };
}

/** The same with HAProxy, which loses single requests where a move of the address loses all for a while. */
function proxied({ rate }: Pace): Partial<Record<FaultName, FaultLimits>> {
  const lost = (at100: number) => ({ lost: Math.ceil((at100 * rate) / 100) });
  return {
    'stop-nginx': lost(0),
    'kill-nginx': lost(0),
    // Until its checks have failed, every second request goes to the one that hangs.
    'hang-nginx': lost(120),
    'stop-haproxy': lost(2),
    'kill-haproxy': lost(10),
    'stop-keepalived': lost(2),
    reboot: lost(2),
  };
}

/** Until as many checks have failed as it takes, each after its time. */
function hangMs(
  checks: readonly { readonly interval: number; readonly timeout: number; readonly fall: number }[],
): number {
  return Math.max(4000, ...checks.map(({ interval, timeout, fall }) => (interval + timeout) * fall * 1000));
}
