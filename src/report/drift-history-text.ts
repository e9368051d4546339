import { bySeverity, type CheckStanding } from '../core/check-standing.ts';
import type { DriftPast, DriftReport } from '../core/drift.ts';
import type { FindingHistory } from '../core/drift-lookup.ts';
import { findingsOf } from '../core/drift-spans.ts';
import { standingText } from './check-standing-text.ts';
import { amountsText, placeOf, verdictOf } from './drift-groups.ts';
import { driftText } from './drift-text.ts';
import type { Ink } from './ink.ts';
import { columns, hang } from './layout.ts';
import { momentText } from './moments.ts';
import { count, duration, longDuration } from './phrases.ts';

/** What is known of earlier drift checks. */
export interface DriftHistory {
  /** The last one first. */
  readonly reports: readonly DriftReport[];
  readonly standing: CheckStanding;
  /** Lines that could not be read. */
  readonly unread: number;
}

/** A table of checks, the last one first. */
export function driftHistoryText({ reports, standing, unread }: DriftHistory, ink: Ink): string {
  const note = unread === 0 ? [] : [ink.yellow(`${count(unread, 'line')} could not be read`)];
  if (reports.length === 0) {
    return `${['no drift check of these hosts is written down yet', ...note].join('\n')}\n`;
  }
  const head = ['when (UTC)', 'check', 'playbook', 'result', 'took', 'findings'];
  const rows = reports.map((report) => [
    momentText(report.at),
    report.id,
    report.playbook,
    verdictOf(report),
    duration(report.ms),
    [amountsText(bySeverity(report.findings)), hostsText(report)].filter(Boolean).join('; ') || '-',
  ]);
  const [title = '', ...lines] = columns([head, ...rows.map((row) => row.map(ink.line))]);
  return `${[ink.dim(title), ...lines, ...note, '', standingText(standing, ink)].join('\n')}\n`;
}

/** Hosts of which nothing is known. */
function hostsText({ hosts }: DriftReport): string {
  return hosts
    .filter(({ status }) => ['unreachable', 'failed', 'suppressed'].includes(status))
    .map(({ host, status }) => `${host} ${status}`)
    .join(', ');
}

/** A check as it was told then, and the ids of what it found. */
export async function pastCheckText(report: DriftReport, past: DriftPast, ink: Ink): Promise<string> {
  const head = ['finding', 'what'];
  const rows = findingsOf(report).map((finding) => [finding.id, ink.line(placeOf(finding))]);
  const [title = '', ...lines] = columns([head, ...rows]);
  const told = await driftText(report, ink, { diff: true, past, commands: undefined });
  return [
    ink.line(`check ${report.id} of ${momentText(report.at)} UTC`),
    '',
    told.trimEnd(),
    ...(rows.length === 0 ? [] : ['', ink.dim(title), ...lines]),
    '',
  ].join('\n');
}

/** A finding and a table of when it was there. */
export function findingHistoryText({ finding, check, spans }: FindingHistory, ink: Ink): string {
  const { id, host = 'cluster', item, severity, class: is, role, found, expected } = finding;
  const row = (label: string, text: string) => hang(`  ${label.padEnd(9)} `, ink.line(text), ink.width);
  const head = ['first seen (UTC)', 'last seen (UTC)', 'for', ''];
  const rows = spans.map(({ firstSeen, lastSeen, openForMs, isOpen }) => [
    momentText(firstSeen),
    momentText(lastSeen),
    firstSeen === lastSeen ? 'one check' : longDuration(openForMs),
    isOpen ? 'open' : 'gone',
  ]);
  const [title = '', ...lines] = columns([head, ...rows]);
  return `${[
    `${ink.bold(ink.line(`${host}  ${item}`))}  ${ink.line(`(${[severity, is, role].filter(Boolean).join(', ')})`)}`,
    row('found', found),
    row('expected', expected),
    row('finding', id),
    row('last in', `check ${check.id}, ${momentText(check.at)} UTC, ${check.playbook}`),
    '',
    ink.dim(title),
    ...lines,
  ].join('\n')}\n`;
}
