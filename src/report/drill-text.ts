import type { DrillResult, DrillRow } from '../core/drill.ts';
import { EXIT } from '../core/error.ts';
import { targetNames } from '../core/watch.ts';
import { drillTable } from './drill-table.ts';
import type { Ink } from './ink.ts';
import { columns, hang } from './layout.ts';
import { count, duration, hostNames } from './phrases.ts';
import { troubleText } from './trouble-text.ts';

/** Beyond this the prober's own delays are told: what clients saw may be one of them. */
const LATE_MS = 100;

/** How a drill ended, for a person to read: a row for each fault and host, what was left out, and what to do now. */
export function drillText(result: DrillResult, ink: Ink, verify: string): string {
  const parts = [
    tableText(result, ink),
    notesOn(result)
      .map((note) => ink.dim(hang('', ink.line(note), ink.width)))
      .join('\n'),
    ...result.troubles.map((trouble) => troubleText(trouble, ink)),
    closing(result, ink, verify),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** What must be known to read the table. */
export function notesOn({ targets, perSecond, repeat, skipped, rows }: DrillResult): readonly string[] {
  const latestMs = Math.max(0, ...rows.flatMap(({ trials }) => trials.map((trial) => trial.latestMs)));
  const each = targets.length > 1 ? ' to each of' : ' to';
  const medians = repeat > 1 ? `; medians of ${repeat}` : '';
  const reasons = [...new Set(skipped.map(({ reason }) => reason))];
  return [
    ...(rows.length > 0
      ? [`${perSecond} requests/s${each} ${targetNames(targets).join(', ')}${medians}`]
      : []),
    ...reasons.map((reason) => {
      const names = skipped.filter((one) => one.reason === reason).map(({ fault }) => fault);
      return `not drilled: ${names.join(', ')} (${reason})`;
    }),
    ...(latestMs >= LATE_MS
      ? [`the prober itself was up to ${Math.round(latestMs)} ms late: a gap as short may be its own`]
      : []),
  ];
}

/** `20 faults survived on svr1, svr2`, or how it failed. */
export function verdictText(result: DrillResult): string {
  const { rows, exit, troubles } = result;
  const trials = rows.reduce((sum, row) => sum + row.trials.length, 0);
  const over = rows.filter(({ verdict }) => verdict !== 'passed').length;
  if (exit === EXIT.interrupted) {
    return trials === 0
      ? 'nothing was broken'
      : `ended after ${count(trials, 'fault')}, nothing is left broken`;
  }
  if (troubles.length > 0) {
    return `ended early, after ${count(trials, 'fault')}`;
  }
  return over > 0
    ? `more was lost than is allowed in ${over} of ${count(rows.length, 'row')}`
    : `survived ${count(trials, 'fault')} on ${hostNames(result.hosts)}`;
}

function tableText(result: DrillResult, ink: Ink): string {
  if (result.rows.length === 0) {
    return '';
  }
  const { head, rows } = drillTable(result);
  const lines = columns([head, ...rows.map(({ cells }) => cells.map((cell) => ink.line(cell)))]);
  const margin = ' '.repeat(ink.symbols.yes.length + 1);
  return lines
    .map((line, index) => {
      const row = rows[index - 1]?.row;
      return row === undefined ? ink.dim(`${margin}${line}`) : `${mark(row, ink)} ${line}`;
    })
    .join('\n');
}

function mark({ verdict }: DrillRow, ink: Ink): string {
  return verdict === 'passed' ? ink.green(ink.symbols.yes) : ink.red(ink.symbols.no);
}

function closing(result: DrillResult, ink: Ink, verify: string): string {
  const text = ink.line(verdictText(result));
  const isPassed = result.exit === EXIT.converged;
  const shown = isPassed ? text : ink.red(ink.bold(text));
  const line = `${ink.bold(ink.line(result.playbook))}: ${shown} (${duration(result.ms)})`;
  return isPassed ? line : `${line}\nWhether all is as declared now: ${ink.line(verify)}`;
}
