import { basename } from 'node:path';
import type { DriftHostStatus, DriftReport } from '../core/drift.ts';
import { EXIT } from '../core/error.ts';
import { NOTIFY_VERSION, type DriftState, type Notification } from '../core/notify.ts';

/** What was told last. */
export interface Told {
  readonly state: DriftState;
  readonly known: readonly Known[];
}

/** A finding, or a host that does not answer, of which people know. */
export interface Known {
  /** The finding's; `unreachable` for a host that does not answer. */
  readonly id: string;
  /** Absent for what is about the cluster. */
  readonly host?: string | undefined;
}

export const NOTHING_TOLD: Told = { state: 'in-sync', known: [] };

export interface Sender {
  readonly project: string;
  /** Name of this machine. */
  readonly from: string;
}

/**
 * What has to be told of a check, when something is wrong that was not told before, or nothing is any more.
 *
 * What only got less is not told: the next message has what is left.
 *
 * @returns undefined when everything stands as it was told
 */
export function changeToTell(report: DriftReport, before: Told, sender: Sender): Notification | undefined {
  const { known } = standing(report, before);
  if (known.some((one) => !isKnown(one, before))) {
    return message('worse', report, { before, sender });
  }
  return known.length === 0 && before.known.length > 0
    ? message('recovered', report, { before, sender })
    : undefined;
}

/** How everything stands, for those who want to hear it each day. */
export function digestOf(report: DriftReport, before: Told, sender: Sender): Notification {
  return message('digest', report, { before, sender });
}

/** What people know after a check; what was told of a host that could not be looked at is as true as it was. */
export function standing(report: DriftReport, before: Told): Told {
  const unseen = report.hosts.filter(({ status }) => UNSEEN.has(status)).map(({ host }) => host);
  const found = [
    ...alarms(report).map(({ id, host }): Known => ({ id, host })),
    ...unreachableHosts(report).map((host): Known => ({ id: UNREACHABLE, host })),
  ];
  const kept = before.known.filter(
    ({ id, host }) =>
      id !== UNREACHABLE && unseen.length > 0 && (host === undefined || unseen.includes(host)),
  );
  const known = [...found, ...kept.filter((one) => !isKnown(one, { known: found }))];
  return { state: stateOf(report), known };
}

const UNREACHABLE = 'unreachable';
const UNSEEN: ReadonlySet<string> = new Set<DriftHostStatus>(['unreachable', 'failed', 'suppressed']);

function isKnown({ id, host }: Known, { known }: Pick<Told, 'known'>): boolean {
  return known.some((other) => other.id === id && other.host === host);
}

function message(
  event: Notification['event'],
  report: DriftReport,
  { before, sender }: { readonly before: Told; readonly sender: Sender },
): Notification {
  return {
    version: NOTIFY_VERSION,
    kind: 'drift',
    event,
    state: stateOf(report),
    before: before.state,
    playbook: report.playbook,
    project: basename(sender.project),
    from: sender.from,
    at: report.at,
    check: report.id,
    findings: alarms(report).map(({ id, host, class: is, item, severity, expected, found }) => ({
      id,
      ...(host !== undefined && { host }),
      class: is,
      item,
      severity,
      expected,
      found,
      isNew: !isKnown({ id, host }, before),
    })),
    unreachable: unreachableHosts(report),
  };
}

function alarms({ findings }: DriftReport): DriftReport['findings'] {
  return findings.filter(({ severity }) => severity === 'degraded' || severity === 'drift');
}

function unreachableHosts({ hosts }: DriftReport): readonly string[] {
  return hosts
    .filter(({ status }) => status === 'unreachable' || status === 'failed')
    .map(({ host }) => host);
}

function stateOf({ exit }: DriftReport): DriftState {
  switch (exit) {
    case EXIT.degraded:
      return 'degraded';
    case EXIT.unreachable:
      return 'unreachable';
    case EXIT.changesPending:
      return 'drifted';
    default:
      return 'in-sync';
  }
}
