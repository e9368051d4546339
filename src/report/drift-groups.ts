import {
  SEVERITIES,
  type Clue,
  type DriftHost,
  type DriftHostStatus,
  type DriftPast,
  type DriftReport,
  type Finding,
  type FindingSpan,
  type IgnoreRule,
} from '../core/drift.ts';
import { EXIT, type Trouble } from '../core/error.ts';
import { bySeverity, type BySeverity } from '../core/check-standing.ts';
import { momentText } from './moments.ts';
import { count, hostNames, longDuration } from './phrases.ts';

/** What every form of a report is told. */
export interface DriftOptions {
  /** Whether what differs in files follows each finding. */
  readonly diff: boolean;
  /** Absent where no history is kept. */
  readonly past?: DriftPast | undefined;
}

/** What one host, or the cluster as a whole, has to say. */
export interface DriftGroup {
  /** `svr1`, `cluster`. */
  readonly name: string;
  /** Absent for the cluster as a whole. */
  readonly host?: DriftHost;
  /** Heaviest first. */
  readonly findings: readonly Finding[];
}

/** Statuses of hosts by how much they weigh; the cluster as a whole stands before its hosts. */
const HOST_WEIGHTS: readonly DriftHostStatus[] = [
  'degraded',
  'unreachable',
  'failed',
  'drifted',
  'pending',
  'suppressed',
  'in-sync',
];

/** Every finding and every host, heaviest first; of the cluster only when there is something to say. */
export function driftGroups({ hosts, findings }: DriftReport): readonly DriftGroup[] {
  const own = (name: string | undefined) => findings.filter(({ host }) => host === name);
  const weightOf = ({ host, findings: all }: DriftGroup) =>
    host === undefined ? -1 : HOST_WEIGHTS.indexOf(host.status) - (all.length > 0 ? 0.5 : 0);
  const groups = hosts.map((host): DriftGroup => ({ name: host.host, host, findings: own(host.host) }));
  const ofAll = own(undefined);
  return [...(ofAll.length === 0 ? [] : [{ name: 'cluster', findings: ofAll }]), ...groups].toSorted(
    (one, other) => weightOf(one) - weightOf(other),
  );
}

/** Hosts beyond which those that say the same are told once. */
const EACH_ITS_OWN = 8;

/** The same, those that say the same taken together where there are many. */
export function alikeGroups(report: DriftReport): readonly (readonly [DriftGroup, ...DriftGroup[]])[] {
  const groups = driftGroups(report);
  if (groups.length <= EACH_ITS_OWN) {
    return groups.map((group) => [group]);
  }
  const same = new Map<string, [DriftGroup, ...DriftGroup[]]>();
  for (const group of groups) {
    const key = fingerprint(group);
    const before = same.get(key);
    same.set(key, before === undefined ? [group] : [...before, group]);
  }
  return [...same.values()];
}

/** Evidence is of one host only: it keeps them apart. */
function fingerprint({ host, findings }: DriftGroup): string {
  const said = findings.map(({ id: _id, host: _host, ...rest }) => rest);
  return JSON.stringify([host?.status, host?.suppressed, host?.trouble, said]);
}

/** Statuses of hosts as people say them. */
export const HOST_STATUS: Readonly<Record<DriftHostStatus, string>> = {
  'in-sync': 'in sync',
  drifted: 'drifted',
  pending: 'changes pending',
  degraded: 'degraded',
  unreachable: 'unreachable',
  failed: 'not read',
  suppressed: 'not reported',
};

/** How a check ended, in a word or two. */
export function verdictOf({ exit }: Pick<DriftReport, 'exit'>): string {
  switch (exit) {
    case EXIT.converged:
      return 'in sync';
    case EXIT.changesPending:
      return 'drifted';
    case EXIT.unreachable:
      return 'unreachable';
    case EXIT.degraded:
      return 'degraded';
    case EXIT.interrupted:
      return 'interrupted';
    default:
      return 'not checked';
  }
}

/** `1 degraded, 2 drift`, heaviest first; empty without findings. */
export function severityCounts(findings: readonly Pick<Finding, 'severity'>[]): string {
  return amountsText(bySeverity(findings));
}

/** The same of what has been counted already. */
export function amountsText(amounts: BySeverity): string {
  return SEVERITIES.filter((severity) => amounts[severity] > 0)
    .map((severity) =>
      severity === 'notice' ? count(amounts.notice, 'notice') : `${amounts[severity]} ${severity}`,
    )
    .join(', ');
}

/** How a check ended, and what follows that in a sentence: `drifted` and `, 2 drift on svr1; svr2 not reached`. */
export function driftSummary(report: Pick<DriftReport, 'exit' | 'hosts' | 'findings'>): {
  readonly verdict: string;
  readonly more: string;
} {
  const { hosts, findings } = report;
  const verdict = verdictOf(report);
  const counted = severityCounts(findings);
  const concerned = hosts.filter(({ host }) => findings.some((finding) => finding.host === host));
  const silent = hosts.filter(({ status }) => status === 'unreachable' || status === 'failed');
  const suppressed = hosts.filter(({ status }) => status === 'suppressed');
  const said = [
    concerned.length === 0 ? counted : `${counted} on ${namesOf(concerned)}`,
    silent.length === 0 ? '' : `${namesOf(silent)} not reached`,
    suppressed.length === 0 ? '' : `${namesOf(suppressed)} not reported`,
  ].filter((part) => part !== '');
  const where = said.length === 0 && hosts.length > 0 ? ` on ${namesOf(hosts)}` : '';
  return { verdict, more: said.length === 0 ? where : `, ${said.join('; ')}` };
}

function namesOf(hosts: readonly DriftHost[]): string {
  return hostNames(hosts.map(({ host }) => host));
}

/** What is wrong with no host that is reported of: with one that was only asked, or with the check itself. */
export function otherTroubles({ hosts, troubles }: DriftReport): readonly Trouble[] {
  return troubles.filter((trouble) => hosts.every(({ host }) => host !== trouble.host));
}

/** `Drift of phase1`. */
export function titleOf({ playbook }: Pick<DriftReport, 'playbook'>): string {
  return playbook === '' ? 'Drift check' : `Drift of ${playbook}`;
}

/** `file, nginx`: what kind of thing a finding is about, and whose. */
export function kindOf({ class: is, role }: Pick<Finding, 'class' | 'role'>): string {
  return role === undefined ? is : `${is}, ${role}`;
}

/** `svr1 /etc/nginx/nginx.conf`. */
export function placeOf({ host, item }: Pick<Finding, 'host' | 'item'>): string {
  return `${host ?? 'cluster'} ${item}`;
}

/** What a rule covers: `svr* file /etc/*`. */
export function ruleText({ host, class: is, item }: IgnoreRule): string {
  return [host, is, item].map((part) => part ?? '*').join(' ');
}

/** `2026-01-31 03:00:12 UTC, for 2 h 5 min`: since when a finding is there. */
export function sinceText({ firstSeen, openForMs }: FindingSpan): string {
  return openForMs === 0 ? 'this check' : `${momentText(firstSeen)} UTC, for ${longDuration(openForMs)}`;
}

/** Since when a finding is there; undefined where no history is kept. */
export function spanOf({ id }: Finding, past: DriftPast | undefined): FindingSpan | undefined {
  return past?.spans.find((span) => span.id === id && span.isOpen);
}

/** `mtime 2026-01-31 03:00:12 UTC by alice: vi nginx.conf (likely)`. */
export function clueText({ source, at, who, text, confidence }: Clue): string {
  const when = at === undefined ? '' : ` ${momentText(at)} UTC`;
  return `${source}${when}${who === undefined ? '' : ` by ${who}`}: ${text} (${confidence})`;
}
