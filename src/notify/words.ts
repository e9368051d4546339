import type { Notification, NotifiedFinding } from '../core/notify.ts';

/** Chats and mails are no reports: beyond this the rest is only counted. */
const MOST = 20;

const STATES = {
  'in-sync': 'in sync',
  drifted: 'drifted',
  unreachable: 'a host does not answer',
  degraded: 'the service is degraded',
} as const;

/** One line that says it all: `phase1 in web: drifted, 2 findings on svr2`. */
export function headline(message: Notification): string {
  const { event, playbook, project, state, findings } = message;
  const hosts = [...new Set(findings.map(({ host = 'the cluster' }) => host))];
  const what =
    findings.length === 0
      ? ''
      : `, ${findings.length} finding${findings.length === 1 ? '' : 's'} on ${hosts.join(', ')}`;
  const prefix = event === 'recovered' ? 'recovered: ' : event === 'digest' ? 'daily digest: ' : '';
  return `${prefix}${playbook} in ${project}: ${STATES[state]}${what}`;
}

/** What is wrong, a line each. */
export function findingLines({ findings, unreachable }: Notification): readonly string[] {
  const lines = [
    ...unreachable.map((host) => `${host} does not answer`),
    ...findings.slice(0, MOST).map(findingLine),
  ];
  return findings.length > MOST ? [...lines, `and ${findings.length - MOST} more`] : lines;
}

function findingLine({ host = 'cluster', item, severity, found, expected, isNew }: NotifiedFinding): string {
  return `${isNew ? 'new: ' : ''}${severity}: ${host} ${item}: ${found}, expected: ${expected}`;
}

/** Where there is more. */
export function closing({ from, at, check }: Notification): string {
  return `Checked from ${from} at ${at}. More: run-playbook drift show ${check}`;
}
