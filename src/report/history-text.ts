import type { HostOutcome } from '../core/audit.ts';
import { EXIT, type Trouble } from '../core/error.ts';
import type { HistoryRun } from '../core/history.ts';
import type { Ink } from './ink.ts';
import { columns } from './layout.ts';
import { momentText } from './moments.ts';
import { count } from './phrases.ts';

/** What is known of earlier runs. */
export interface HistoryResult {
  /** Whose log was read besides the record here. */
  readonly host: string | undefined;
  /** The last begun first. */
  readonly runs: readonly HistoryRun[];
  /** Lines that could not be read. */
  readonly unread: number;
  readonly troubles: readonly Trouble[];
}

/** Names of changes beyond which their number is told. */
const NAMED_UP_TO = 3;

/** A table of runs, the last one first. */
export function historyText({ host, runs, unread }: HistoryResult, ink: Ink): string {
  const rows = runs.map((run) => {
    const outcome = host !== undefined && Object.hasOwn(run.hosts, host) ? run.hosts[host] : undefined;
    return [
      momentText(run.start),
      `${run.by}@${run.from}`,
      run.playbook,
      outcome === undefined ? resultOf(run) : resultOnHost(run, outcome),
      outcome === undefined ? changesOf(run) : changesOn(outcome),
      run.run,
    ];
  });
  const head = ['when (UTC)', 'who', 'playbook', 'result', 'changes', 'run'];
  const [title = '', ...lines] = columns([head, ...rows.map((row) => row.map((cell) => ink.line(cell)))]);
  const table = runs.length === 0 ? ['no run is written down yet'] : [ink.dim(title), ...lines];
  const note = unread === 0 ? [] : [ink.yellow(`${count(unread, 'line')} could not be read`)];
  return `${[...table, ...note].join('\n')}\n`;
}

/** How a run ended, in a word or two. */
export function resultOf({ exit, hosts, end }: Pick<HistoryRun, 'exit' | 'end' | 'hosts'>): string {
  const fates = Object.values(hosts).map(({ result }) => result);
  if (exit === undefined) {
    return fates[0] ?? (end === undefined ? 'not ended' : 'ended');
  }
  const isBack = fates.includes('rolled-back');
  return exit === EXIT.interrupted && isBack
    ? 'interrupted, rolled back'
    : (ENDINGS.get(exit) ?? `exit ${exit}`);
}

const ENDINGS: ReadonlyMap<number, string> = new Map([
  [EXIT.converged, 'as declared'],
  [EXIT.failed, 'failed'],
  [EXIT.changesPending, 'not applied'],
  [EXIT.rolledBack, 'rolled back'],
  [EXIT.unreachable, 'unreachable'],
  [EXIT.invalidInput, 'refused'],
  [EXIT.locked, 'locked'],
  [EXIT.planStale, 'plan stale'],
  [EXIT.degraded, 'degraded'],
  [EXIT.interrupted, 'interrupted'],
]);

/** Of one host more is known than how the run as a whole ended. */
export function resultOnHost(
  run: Pick<HistoryRun, 'exit' | 'end' | 'hosts'>,
  { result }: Pick<HostOutcome, 'result'>,
): string {
  const shown = result.replaceAll('-', ' ');
  const whole = resultOf(run);
  const isTold = ['changed', 'ok', 'released'].includes(result) && run.exit === EXIT.converged;
  if (isTold || run.exit === undefined) {
    return shown;
  }
  return whole.includes(shown) ? whole : `${shown} (${whole})`;
}

function changesOf({ hosts }: HistoryRun): string {
  const changed = Object.entries(hosts).filter(([, { changes }]) => changes.length > 0);
  return (
    changed.map(([host, outcome]) => `${host} ${outcome.changes.length}${backText(outcome)}`).join(', ') ||
    '-'
  );
}

/** Of a run that failed on one host, others may keep what it did. */
function backText({ result }: HostOutcome): string {
  return result === 'rolled-back'
    ? ' taken back'
    : result === 'partly-rolled-back'
      ? ' partly taken back'
      : '';
}

function changesOn({ changes, why, result }: HostOutcome): string {
  if (result === 'released') {
    return `threw out ${why ?? 'somebody'}`;
  }
  const ids = changes.map(({ id }) => id);
  const more = ids.length - NAMED_UP_TO;
  const named = more > 1 ? [...ids.slice(0, NAMED_UP_TO), `${more} more`] : ids;
  return named.join(', ') || '-';
}
