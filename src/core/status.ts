import type { HostLine } from './audit.ts';
import { EXIT, type ExitCode, type Trouble } from './error.ts';

/** How one host stands right now, as it says itself. */
export interface HostStatus {
  readonly host: string;
  readonly services: readonly ServiceStatus[];
  /** keepalived's instances; `MASTER`, `BACKUP`, `FAULT`, or empty when it has said nothing yet. */
  readonly vrrp: readonly { readonly instance: string; readonly state: string }[];
  /** What keeps the host from holding a virtual IP, a line each. */
  readonly heldBack: readonly string[];
  /** Virtual IPs that its keepalived is configured for. */
  readonly vips: readonly string[];
  /** Those of them that it carries. */
  readonly carries: readonly string[];
  /** Who holds its lock; absent when nobody does. */
  readonly lock?: string | undefined;
  /** Undos that the host carries out by itself unless they are disarmed before. */
  readonly armed: readonly ArmedUndo[];
  /** Runs whose undo is kept: they go on, or have not ended. */
  readonly kept: readonly string[];
  /** The last run that changed it. */
  readonly lastRun?: HostLine | undefined;
}

export interface ServiceStatus {
  readonly name: string;
  /** As systemd says: `active`, `failed`, … */
  readonly active: string;
  readonly enabled: boolean;
}

export interface ArmedUndo {
  readonly run: string;
  /** 0 when it is being carried out. */
  readonly leftMs: number;
}

export interface VipStatus {
  readonly vip: string;
  readonly holders: readonly string[];
  /** Hosts that are configured for it. */
  readonly members: readonly string[];
}

/** Something that should not be so. */
export interface StatusProblem {
  readonly host?: string;
  readonly what: string;
  readonly hint: string;
}

/** How all hosts stand together. */
export interface ClusterStatus {
  readonly exit: ExitCode;
  readonly hosts: readonly HostStatus[];
  readonly vips: readonly VipStatus[];
  readonly problems: readonly StatusProblem[];
  /** Hosts that could not be asked. */
  readonly unreachable: readonly Trouble[];
  /** Whether every host was to be asked; nobody looks for the address where it may be otherwise. */
  readonly isWhole: boolean;
}

/**
 * What hosts say of themselves, taken together.
 *
 * A virtual IP that none of them carries is no problem as long as a host that does not answer, or was not asked, may
 * carry it.
 *
 * @param isWhole whether every host was to be asked
 */
export function judgeStatus(
  hosts: readonly HostStatus[],
  unreachable: readonly Trouble[],
  isWhole = true,
): ClusterStatus {
  const names = new Set(hosts.flatMap(({ vips }) => vips));
  const vips = [...names].map((vip): VipStatus => ({
    vip,
    holders: hosts.filter(({ carries }) => carries.includes(vip)).map(({ host }) => host),
    members: hosts.filter((status) => status.vips.includes(vip)).map(({ host }) => host),
  }));
  const problems = [
    ...vips.flatMap((status) => vipProblem(status, !isWhole || unreachable.length > 0)),
    ...hosts.flatMap((status) => [...serviceProblems(status), ...heldBackProblems(status)]),
  ];
  const exit =
    problems.length > 0 ? EXIT.degraded : unreachable.length > 0 ? EXIT.unreachable : EXIT.converged;
  return { exit, hosts, vips, problems, unreachable, isWhole };
}

function vipProblem({ vip, holders }: VipStatus, mayBeElsewhere: boolean): readonly StatusProblem[] {
  if (holders.length === 1 || (holders.length === 0 && mayBeElsewhere)) {
    return [];
  }
  return holders.length === 0
    ? [{ what: `VIP ${vip} is on no host`, hint: 'journalctl -u keepalived -n 50 on each host tells why' }]
    : [
        {
          what: `VIP ${vip} is on ${holders.join(' and ')} at once`,
          hint: 'the hosts do not hear each other: let VRRP (IP protocol 112) pass between them',
        },
      ];
}

function serviceProblems({ host, services }: HostStatus): readonly StatusProblem[] {
  return services
    .filter(({ enabled, active }) => enabled && active !== 'active' && active !== 'reloading')
    .map(({ name, active }) => ({
      host,
      what: `${name} is enabled and ${active}`,
      hint: `journalctl -u ${name} -n 50 on ${host} tells why`,
    }));
}

function heldBackProblems({ host, heldBack }: HostStatus): readonly StatusProblem[] {
  return heldBack.map((why) => ({
    host,
    what: `cannot take a VIP over: ${why}`,
    hint: `look at keepalived and what it watches on ${host}: journalctl -u keepalived -n 50`,
  }));
}
