import { EXIT } from '../core/error.ts';
import { pendingSteps } from '../core/plan.ts';
import type { CheckResult, HostResult, RunResult } from '../core/result.ts';
import { isTooMuchLost, totalLost } from '../core/watch.ts';
import { advice, type Advice, type CommandLine } from './advice.ts';
import type { Ink } from './ink.ts';
import { columns, hang, PARAGRAPH_WIDTH, wrap } from './layout.ts';
import { warningsText } from './lint-text.ts';
import { count, duration, hostNames } from './phrases.ts';
import { backLines, takenBack } from './rollback-text.ts';
import { troubleText } from './trouble-text.ts';
import { watchText } from './watch-text.ts';

export interface SummaryOptions {
  readonly command: CommandLine;
  /** Whether what each host cost on the network is told. */
  readonly traffic: boolean;
  /** Whether the plan stands right above: hosts about which it has said everything are left out. */
  readonly planShown?: boolean;
}

/** Hosts beyond which those with the same fate share a row. */
const EACH_ITS_OWN = 8;

interface Writing {
  readonly ink: Ink;
  readonly options: SummaryOptions;
}

const NO_BREAK = '\u00a0';

type Mark = 'yes' | 'no' | 'none';

interface Row {
  readonly mark: Mark;
  readonly cells: readonly string[];
  /** Shown below the row. */
  readonly below?: string;
}

/** How a run ended, for a person to read: hosts, checks, troubles, and on the last line what to do now. */
export function summaryText(result: RunResult, ink: Ink, options: SummaryOptions): string {
  const troubles = allTroubles(result).map((trouble) => troubleText(trouble, ink));
  const next = advice(result, options.command);
  const closing = [closingLine(result, ink), ...(next === undefined ? [] : adviceLines(next, ink))];
  const parts = [
    printed(hostRows(result, ink, options), ink),
    printed(
      result.checks.map((check) => checkRow(check, ink)),
      ink,
    ),
    result.watch === undefined ? '' : watchText(result.watch, ink),
    ...troubles,
    warningsText(result.warnings, ink),
    closing.join('\n'),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Every trouble of a run once: the hosts' own, then those of the run as a whole. */
export function allTroubles(result: RunResult): RunResult['troubles'] {
  const own = result.hosts.flatMap((host) => (host.trouble === undefined ? [] : [host.trouble]));
  const seen = new Set<string>();
  return [...own, ...result.troubles].filter((trouble) => {
    const key = JSON.stringify(trouble);
    return !seen.has(key) && seen.add(key);
  });
}

function hostRows(result: RunResult, ink: Ink, options: SummaryOptions): readonly Row[] {
  const isOnlyPlanned =
    options.planShown === true && !options.traffic && result.hosts.every((host) => host.applied.length === 0);
  const shown = result.hosts.filter((host) => !isOnlyPlanned || !['pending', 'ok'].includes(host.status));
  if (shown.length <= EACH_ITS_OWN) {
    return shown.map((host) => hostRow(host, { ink, options }));
  }
  const groups = new Map<string, HostResult[]>();
  for (const host of shown) {
    const key = `${host.status} ${fate(host)}`;
    groups.set(key, [...(groups.get(key) ?? []), host]);
  }
  return [...groups.values()].flatMap((hosts) => {
    const [first, second] = hosts;
    return first !== undefined && second !== undefined
      ? [groupRow(first, hosts, ink)]
      : hosts.map((host) => hostRow(host, { ink, options: { ...options, traffic: false } }));
  });
}

function hostRow(host: HostResult, { ink, options }: Writing): Row {
  const { connections, execs, bytesUp, bytesDown } = host.traffic;
  const traffic = [
    `${count(connections, 'connection')}, ${count(execs, 'exec')}, ${bytesUp} bytes up, ${bytesDown} down`,
  ];
  const cells = [ink.line(host.host), fate(host), duration(host.ms)];
  const done = host.applied.map(({ id, ms }) => `${ink.line(id)} (${duration(ms)})`);
  return {
    mark: markOf(host),
    cells: options.traffic ? [...cells, ...traffic] : cells,
    ...(done.length > 0 && { below: [paragraph(done, ', ', ink), ...backLines(host, ink)].join('\n') }),
  };
}

function groupRow(first: HostResult, hosts: readonly HostResult[], ink: Ink): Row {
  const slowest = duration(Math.max(...hosts.map((host) => host.ms)));
  const each = first.applied.length > 0 ? ' each' : '';
  const names = hosts.map((host) => ink.line(host.host));
  return {
    mark: markOf(first),
    cells: [count(hosts.length, 'host'), `${fate(first)}${each}`, `up to ${slowest}`],
    below: paragraph(names, ' ', ink),
  };
}

/** A list below a row; wrapped in a file too, where a line of fifty names would be read by nobody. */
function paragraph(items: readonly string[], separator: string, ink: Ink): string {
  const indent = ' '.repeat(ink.symbols.yes.length + 3);
  const whole = items.map((item) => item.replaceAll(' ', NO_BREAK)).join(separator);
  return ink.dim(hang(indent, whole, ink.width ?? PARAGRAPH_WIDTH).replaceAll(NO_BREAK, ' '));
}

function markOf(host: HostResult): Mark {
  switch (host.status) {
    case 'ok':
    case 'changed':
      return 'yes';
    case 'failed':
    case 'unreachable':
      return 'no';
    case 'pending':
    case 'skipped':
      return 'none';
  }
}

function fate(host: HostResult): string {
  const planned = host.plan === undefined ? 0 : pendingSteps(host.plan).length;
  const done = host.applied.length;
  const unneeded = host.unneeded.length === 0 ? [] : [`${host.unneeded.length} not needed`];
  switch (host.status) {
    case 'ok':
      return 'nothing to change';
    case 'changed':
      return [count(done, 'change'), ...unneeded].join(', ');
    case 'pending':
      return done === 0
        ? `${count(planned, 'change')} pending`
        : `${done} of ${count(planned, 'change')}${takenBack(host)}`;
    case 'failed':
      return host.plan === undefined
        ? 'not read'
        : `failed after ${done} of ${count(planned, 'change')}${takenBack(host)}`;
    case 'unreachable':
      return 'unreachable';
    case 'skipped':
      return 'not begun';
  }
}

function checkRow({ check, judgement }: CheckResult, ink: Ink): Row {
  const indent = ' '.repeat(ink.symbols.yes.length + 1);
  const hint = judgement.ok || judgement.hint === undefined ? undefined : ink.line(judgement.hint);
  return {
    mark: judgement.ok ? 'yes' : 'no',
    cells: [ink.line(check), ink.line(judgement.detail)],
    ...(hint !== undefined && { below: hang(`${indent}do    `, hint, ink.width) }),
  };
}

function printed(rows: readonly Row[], ink: Ink): string {
  const brush = { yes: ink.green, no: ink.red, none: ink.dim };
  return columns(rows.map((row) => row.cells))
    .map((line, index) => {
      const { mark = 'none', below } = rows[index] ?? {};
      const shown = `${brush[mark](ink.symbols[mark])} ${line}`;
      return below === undefined ? shown : `${shown}\n${below}`;
    })
    .join('\n');
}

function closingLine(result: RunResult, ink: Ink): string {
  const names = (hosts: readonly HostResult[]) => ink.line(hostNames(hosts.map((host) => host.host)));
  const took = duration(result.ms);
  const done = result.hosts.reduce((sum, host) => sum + host.applied.length, 0);
  const changed = result.hosts.filter((host) => host.applied.length > 0);
  const pending = result.hosts.filter((host) => host.status === 'pending');
  const left = pending.reduce(
    (sum, { plan }) => sum + (plan === undefined ? 0 : pendingSteps(plan).length),
    0,
  );
  const name = ink.bold(ink.line(result.playbook));
  if (result.exit === EXIT.converged) {
    return changed.length === 0
      ? `${name}: nothing to change on ${names(result.hosts)} (${took})`
      : `${name}: ${count(done, 'change')} made on ${names(changed)} in ${took}`;
  }
  if (result.exit === EXIT.changesPending) {
    return `${name}: ${count(left, 'change')} pending on ${names(pending)} (${took})`;
  }
  const partly = done === 0 ? 'nothing was changed' : `${count(done, 'change')} made on ${names(changed)}`;
  return `${name}: ${ink.red(ink.bold(ending(result)))}, ${partly} (${took})`;
}

/** What to do now, a command on a line of its own where it does not fit. */
export function adviceLines({ say, command }: Advice, ink: Ink): readonly string[] {
  const shown = command === undefined ? '' : ink.line(command);
  const isFitting = ink.width === undefined || say.length + 1 + shown.length <= ink.width;
  return isFitting ? [`${say} ${shown}`.trimEnd()] : [...wrap(say, ink.width), `  ${shown}`];
}

function ending(result: RunResult): string {
  switch (result.exit) {
    case EXIT.rolledBack:
      return 'failed and rolled back';
    case EXIT.unreachable:
      return 'unreachable';
    case EXIT.locked:
      return 'locked by another run';
    case EXIT.planStale:
      return 'plan stale';
    case EXIT.degraded:
      return 'service degraded';
    case EXIT.interrupted:
      return 'interrupted';
    default:
      return isTooMuchLost(result.watch)
        ? `failed, ${count(totalLost(result.watch.report), 'request')} lost`
        : 'failed';
  }
}
