import type { HostLine } from './audit.ts';
import { EXIT, type ExitCode, type Trouble } from './error.ts';

/** How one host stands right now, as it says itself. */
export interface HostStatus {
  readonly host: string;
  readonly services: readonly ServiceStatus[];
  /** keepalived's instances. */
  readonly vrrp: readonly VrrpStatus[];
  /** What keeps the host from holding a virtual IP, a line each. */
  readonly heldBack: readonly string[];
  /** Virtual IPs that its keepalived is configured for. */
  readonly vips: readonly string[];
  /** Those of them that it carries. */
  readonly carries: readonly string[];
  /** HAProxy's backends as it sees them itself; absent where none runs, or none answers on its admin socket. */
  readonly backends?: readonly BackendStatus[] | undefined;
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

export interface VrrpStatus {
  readonly instance: string;
  /** `MASTER`, `BACKUP`, `FAULT`, `STOP`, or empty when it has said nothing yet. */
  readonly state: string;
  /** As its configuration file has it. */
  readonly priority?: number | undefined;
}

export interface BackendStatus {
  readonly name: string;
  readonly servers: readonly ServerStatus[];
}

export interface ServerStatus {
  readonly name: string;
  /** As HAProxy says: `UP`, `DOWN`, `MAINT`, `DRAIN`, `no check`, with what it is about to become. */
  readonly status: string;
  /** How the last check ended, as HAProxy says: `L7OK`; empty without checks. */
  readonly check: string;
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  /** What a reload makes of the weight. */
  readonly configuredWeight: number;
  /** What somebody has set at run time: `maintenance`, `drained`, `enabled`, `checks off`. */
  readonly byHand: readonly string[];
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
}

/**
 * What hosts say of themselves, taken together.
 *
 * A virtual IP that none of them carries is no problem as long as a host that does not answer may carry it.
 */
export function judgeStatus(hosts: readonly HostStatus[], unreachable: readonly Trouble[]): ClusterStatus {
  const names = new Set(hosts.flatMap(({ vips }) => vips));
  const vips = [...names].map((vip): VipStatus => ({
    vip,
    holders: hosts.filter(({ carries }) => carries.includes(vip)).map(({ host }) => host),
    members: hosts.filter((status) => status.vips.includes(vip)).map(({ host }) => host),
  }));
  const problems = [
    ...vips.flatMap((status) => vipProblem(status, unreachable.length > 0)),
    ...hosts.flatMap((status) => [
      ...serviceProblems(status),
      ...heldBackProblems(status),
      ...serverProblems(status),
    ]),
  ];
  const exit =
    problems.length > 0 ? EXIT.degraded : unreachable.length > 0 ? EXIT.unreachable : EXIT.converged;
  return { exit, hosts, vips, problems, unreachable };
}

/** Hosts that hold a virtual IP or could: keepalived runs there, and nothing keeps it from doing so. */
export function ableHosts({ hosts }: Pick<ClusterStatus, 'hosts'>, vip: string): readonly string[] {
  return hosts
    .filter(
      ({ vips, heldBack, services }) =>
        vips.includes(vip) &&
        heldBack.length === 0 &&
        services.some((service) => service.name === 'keepalived' && isRunning(service)),
    )
    .map(({ host }) => host);
}

/** Whether a service does its work, as systemd says. */
export function isRunning({ active }: Pick<ServiceStatus, 'active'>): boolean {
  return active === 'active' || active === 'reloading';
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
    .filter((service) => service.enabled && !isRunning(service))
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

function serverProblems({ host, backends = [] }: HostStatus): readonly StatusProblem[] {
  return backends.flatMap(({ name, servers }) =>
    servers.filter(isOut).map((server) => ({
      host,
      what: `its HAProxy sends nothing to ${server.name} in ${name}: ${serverText(server)}`,
      hint:
        server.byHand.length > 0
          ? `somebody took it out by hand; a reload brings it back: systemctl reload haproxy on ${host}`
          : `journalctl -u haproxy -n 50 on ${host} tells why; is nginx running on ${server.name}?`,
    })),
  );
}

/** A server gets no requests, and its configuration does not say so. */
export function isOut({ status, byHand }: ServerStatus): boolean {
  const isServing = status.startsWith('UP') || status === 'no check';
  return !isServing && (!status.startsWith('MAINT') || byHand.includes('maintenance'));
}

/** `DOWN (L4CON)`, `MAINT, by hand`. */
export function serverText({ status, check, byHand }: ServerStatus): string {
  const why = status.startsWith('DOWN') && check !== '' ? ` (${check})` : '';
  const isByHand = byHand.includes('maintenance') || byHand.includes('drained');
  return `${status}${why}${isByHand ? ', by hand' : ''}`;
}
