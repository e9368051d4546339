import type { CheckStanding } from '../core/check-standing.ts';
import {
  serverText,
  type BackendStatus,
  type ClusterStatus,
  type HostStatus,
  type StatusProblem,
  type VipStatus,
  type VrrpStatus,
} from '../core/status.ts';
import { EXIT } from '../core/error.ts';
import { standingText } from './check-standing-text.ts';
import { resultOnHost } from './history-text.ts';
import type { Ink } from './ink.ts';
import { hang } from './layout.ts';
import { momentText } from './moments.ts';
import { count, duration, hostNames } from './phrases.ts';
import { troubleText } from './trouble-text.ts';

/**
 * How the hosts stand, for a person to read: each host, each virtual IP, the last drift check, what is wrong, and how it
 * all stands.
 */
export function statusText(status: ClusterStatus, ink: Ink, checks: CheckStanding): string {
  const parts = [
    ...status.hosts.map((host) => hostText(host, status, ink)),
    ...status.unreachable.map((trouble) => troubleText(trouble, ink)),
    [...status.vips.map((vip) => vipText(vip, ink)), standingText(checks, ink)].join('\n'),
    status.problems.map((problem) => problemText(problem, ink)).join('\n'),
    closing(status, ink, checks),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function hostText(host: HostStatus, { problems }: ClusterStatus, ink: Ink): string {
  const isWell = problems.every((problem) => problem.host !== host.host);
  const mark = isWell ? ink.green(ink.symbols.yes) : ink.red(ink.symbols.no);
  const rows = rowsOf(host).map(([label, text, brush = (plain: string) => plain]) =>
    brush(hang(`    ${label.padEnd(10)}`, ink.line(text), ink.width)),
  );
  const carried = host.carries.length === 0 ? '' : `  holds ${ink.line(host.carries.join(', '))}`;
  return [`${mark} ${ink.bold(ink.line(host.host))}${carried}`, ...rows].join('\n');

  function rowsOf(one: HostStatus): readonly Row[] {
    const vrrp = one.vrrp.map(vrrpText);
    const isFree = one.lock === undefined;
    return [
      ['services', one.services.map(serviceText).join(', ') || 'none of nginx, haproxy, keepalived'],
      ...(vrrp.length === 0 ? [] : [['VRRP', vrrp.join(', ')] as const]),
      ...(one.backends ?? []).map((backend) => ['backend', backendText(backend)] as const),
      ['last run', one.lastRun === undefined ? 'none is in its log' : lastRunText(one.lastRun)],
      ...(isFree ? [] : [['lock', `held: ${one.lock}`, ink.yellow] as const]),
      ...one.armed.map(
        ({ run, leftMs }) => ['undo', `armed: takes run ${run} back ${inText(leftMs)}`, ink.yellow] as const,
      ),
      ...one.kept.map((run) => ['undo', keptText(run, one), ink.yellow] as const),
    ];
  }
}

type Row = readonly [label: string, text: string, brush?: (text: string) => string];

function serviceText({ name, active, enabled }: HostStatus['services'][number]): string {
  return enabled ? `${name} ${active}` : `${name} ${active} (not enabled)`;
}

function vrrpText({ instance, state, priority }: VrrpStatus): string {
  const rank = priority === undefined ? '' : ` (priority ${priority})`;
  return `${instance} ${state || 'has said nothing yet'}${rank}`;
}

function backendText({ name, servers }: BackendStatus): string {
  const rows = servers.map((server) => {
    const { weight, configuredWeight } = server;
    const share = weight === configuredWeight ? '' : ` (weight ${weight} instead of ${configuredWeight})`;
    return `${server.name} ${serverText(server)}${share}`;
  });
  return `${name}: ${rows.join(', ')}`;
}

function lastRunText(line: NonNullable<HostStatus['lastRun']>): string {
  const what = `${line.playbook} by ${line.by}@${line.from}, ${momentText(line.start)} UTC`;
  const changes = line.changes.length === 0 ? '' : `${count(line.changes.length, 'change')}, `;
  return `${what}: ${changes}${resultOnHost({ ...line, hosts: { [line.host]: line } }, line)}`;
}

function keptText(run: string, { lock, armed }: HostStatus): string {
  if (lock !== undefined || armed.some((undo) => undo.run === run)) {
    return `kept: run ${run}`;
  }
  return `kept: run ${run} has not ended; run again, or take it back: sh /var/lib/run-playbook/undo/${run}/undo`;
}

function inText(leftMs: number): string {
  return leftMs === 0 ? 'now' : `in ${duration(leftMs)}`;
}

/** Who holds a virtual IP, a line. */
export function vipText({ vip, holders }: VipStatus, ink: Ink): string {
  const [holder, ...others] = holders;
  const mark =
    others.length === 0 && holder !== undefined ? ink.green(ink.symbols.yes) : ink.red(ink.symbols.no);
  return `${mark} VIP ${ink.line(vip)}  ${holder === undefined ? 'held by no host that answers' : `held by ${ink.line(holders.join(' and '))}`}`;
}

function problemText({ host, what, hint }: StatusProblem, ink: Ink): string {
  const head = `${host === undefined ? '' : `${host}: `}${what}`;
  return [ink.red(ink.line(head)), hang(`  ${ink.dim('do'.padEnd(5))} `, ink.line(hint), ink.width)].join(
    '\n',
  );
}

function closing(
  { hosts, problems, unreachable, exit }: ClusterStatus,
  ink: Ink,
  { last, isOverdue }: CheckStanding,
): string {
  const names = ink.line(hostNames(hosts.map(({ host }) => host)) || 'no host');
  const open = new Set(hosts.flatMap(({ kept }) => kept)).size;
  const goesOn = hosts.some(({ lock }) => lock !== undefined);
  const notes = [
    ...(open === 0 ? [] : [goesOn ? ', and a run goes on' : `, but ${count(open, 'run')} not ended`]),
    ...((last?.findings.drift ?? 0) > 0 ? [', but the last drift check found drift'] : []),
    ...(isOverdue ? [', but a drift check is missing'] : []),
  ];
  const note = ink.yellow(notes.join(''));
  if (exit === EXIT.converged) {
    return `${names}: ${ink.green('all well')}${note}`;
  }
  const silent = unreachable.length === 0 ? [] : [`${count(unreachable.length, 'host')} unreachable`];
  const wrong = problems.length === 0 ? [] : ['degraded'];
  return `${names}: ${ink.red(ink.bold([...wrong, ...silent].join(', ')))}${note}`;
}
