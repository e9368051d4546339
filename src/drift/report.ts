import { randomBytes } from 'node:crypto';
import {
  byWeight,
  DRIFT_VERSION,
  driftExit,
  type DriftHost,
  type DriftHostStatus,
  type DriftReport,
  type Finding,
  type IgnoreRule,
} from '../core/drift.ts';
import type { Trouble } from '../core/error.ts';
import { judgeStatus } from '../core/status.ts';
import type { Sighting } from './findings.ts';
import { sift } from './ignore.ts';
import type { Reading } from './reading.ts';
import { suppressedBy, type MaintenanceWindow } from './suppress.ts';

/** One host as the last reading found it. */
export interface AskedHost {
  readonly trouble?: Trouble | undefined;
  readonly isUnreachable?: boolean | undefined;
}

/** Everything that a report is made of. */
export interface Told {
  readonly playbook: string;
  readonly readings: readonly Reading[];
  readonly hosts: ReadonlyMap<string, AskedHost>;
  /** Names of the hosts whose findings are reported. */
  readonly selected: readonly string[];
  readonly ignore: readonly IgnoreRule[];
  readonly maintenance: readonly MaintenanceWindow[];
  /** When the check began. */
  readonly now: Date;
  readonly ms: number;
}

/** What every reading found, but for what is worked on and what need not be told. */
export function reportOf(told: Told): DriftReport {
  const { readings, hosts, selected, now } = told;
  const last = readings.at(-1);
  const suppressed = suppressions(told);
  const isReported = ({ host, because = [] }: Sighting) =>
    // What the cluster as a whole does not do may be because of any host that is worked on.
    host === undefined
      ? suppressed.size === 0
      : selected.includes(host) && ![host, ...because].some((name) => suppressed.has(name));
  const confirmed = (last?.findings ?? []).filter((finding) => isConfirmed(finding, readings));
  const { reported, ignored, expired } = sift(confirmed.filter(isReported).map(findingOf), told.ignore, now);
  const findings = reported.toSorted(byWeight);
  const driftHosts = selected.map((name): DriftHost => {
    const { trouble, isUnreachable } = hosts.get(name) ?? {};
    const why = suppressed.get(name);
    return {
      host: name,
      status: statusOf(name, findings, { trouble, isUnreachable, suppressed: why }),
      ...(why !== undefined && { suppressed: why }),
      ...(trouble !== undefined && { trouble }),
    };
  });
  const troubles = [...hosts.values()].flatMap(({ trouble }) => trouble ?? []);
  return {
    version: DRIFT_VERSION,
    id: randomBytes(6).toString('hex'),
    at: now.toISOString(),
    playbook: told.playbook,
    exit: driftExit(findings, driftHosts),
    hosts: driftHosts,
    findings,
    ignored,
    expired,
    cluster: judgeStatus([...(last?.status.values() ?? [])], troubles),
    troubles,
    ms: told.ms,
  };
}

/** Why nothing of some hosts is reported, by host; a reading in which somebody worked there counts for all of them. */
function suppressions({ readings, hosts, maintenance, now }: Told): ReadonlyMap<string, string> {
  return new Map(
    [...hosts.keys()].flatMap((name) => {
      const statuses = readings.map(({ status }) => status.get(name));
      const why = suppressedBy(name, { statuses, maintenance, now });
      return why === undefined ? [] : [[name, why] as const];
    }),
  );
}

/** Both readings found it; what is no alarm has been read once only when nothing else was wrong. */
function isConfirmed({ id }: Finding, readings: readonly Reading[]): boolean {
  return readings.every(({ findings }) => findings.some((other) => other.id === id));
}

/** What only this check needs to know of a finding. */
const OWN: ReadonlySet<string> = new Set<keyof Sighting>(['because', 'settlesMs']);

function findingOf(sighting: Sighting): Finding {
  return Object.fromEntries(Object.entries(sighting).filter(([name]) => !OWN.has(name))) as typeof sighting;
}

function statusOf(
  name: string,
  findings: readonly Finding[],
  { trouble, isUnreachable, suppressed }: AskedHost & { readonly suppressed: string | undefined },
): DriftHostStatus {
  const has = (severity: Finding['severity']) =>
    findings.some((one) => one.host === name && one.severity === severity);
  if (suppressed !== undefined) {
    return 'suppressed';
  }
  if (trouble !== undefined) {
    return isUnreachable === true ? 'unreachable' : 'failed';
  }
  return has('degraded') ? 'degraded' : has('drift') ? 'drifted' : has('pending') ? 'pending' : 'in-sync';
}
