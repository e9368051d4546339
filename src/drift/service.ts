import { isOut, judgeStatus, serverText, type HostStatus, type ServerStatus } from '../core/status.ts';
import { finding, type Sighting } from './findings.ts';

/**
 * What is wrong with the service as the hosts stand, by what they have on disk and say themselves; of what the project
 * declares nothing is asked, so that this holds whatever of it is pending.
 */
export function serviceFindings(statuses: readonly HostStatus[], isWhole: boolean): readonly Sighting[] {
  return [
    ...vipFindings(statuses, isWhole),
    ...statuses.flatMap((status) => [...takeoverFindings(status), ...serverFindings(status)]),
  ];
}

function vipFindings(statuses: readonly HostStatus[], isWhole: boolean): readonly Sighting[] {
  return judgeStatus(statuses, [])
    .vips.filter(({ holders }) => holders.length > 1 || (holders.length === 0 && isWhole))
    .map(({ vip, holders }) =>
      finding({
        item: `VIP ${vip}`,
        class: 'vip',
        severity: 'degraded',
        found: holders.length === 0 ? 'on no host' : `on ${holders.join(' and ')}`,
        expected: 'on exactly one host',
        hint: 'journalctl -u keepalived -n 50 on each host tells why',
      }),
    );
}

function takeoverFindings({ host, heldBack }: HostStatus): readonly Sighting[] {
  return heldBack.length === 0
    ? []
    : [
        finding({
          host,
          item: 'VIP takeover',
          class: 'redundancy',
          severity: 'degraded',
          found: heldBack.join('; '),
          expected: 'can hold a VIP',
          hint: `look at keepalived and what it watches on ${host}: journalctl -u keepalived -n 50`,
        }),
      ];
}

function serverFindings({ host, backends = [] }: HostStatus): readonly Sighting[] {
  return backends.flatMap(({ name, servers }) =>
    servers.flatMap((server) => {
      const about = { host, class: 'backend', because: [server.name] } as const;
      const item = `server ${name}/${server.name}`;
      const out = isOut(server)
        ? [{ item, severity: 'degraded' as const, found: serverText(server), expected: 'UP' }]
        : [];
      return [...out, ...changedByHand(item, server)].map((one) =>
        finding({
          ...about,
          hint: `systemctl reload haproxy on ${host} takes back what was set by hand`,
          ...one,
        }),
      );
    }),
  );
}

function changedByHand(item: string, { weight, configuredWeight, byHand }: ServerStatus) {
  const severity = 'drift' as const;
  return [
    ...(weight === configuredWeight
      ? []
      : [{ item: `${item} weight`, severity, found: String(weight), expected: String(configuredWeight) }]),
    ...(byHand.includes('checks off')
      ? [{ item: `${item} checks`, severity, found: 'off', expected: 'on' }]
      : []),
    ...(byHand.includes('enabled')
      ? [{ item: `${item} maintenance`, severity, found: 'enabled by hand', expected: 'in maintenance' }]
      : []),
  ];
}
