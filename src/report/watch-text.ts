import { targetNames, type TargetReport, type WatchReport, type WatchResult } from '../core/watch.ts';
import type { Ink } from './ink.ts';
import { hang } from './layout.ts';
import { count, duration, thousands } from './phrases.ts';

/** Beyond this the prober's own delays are told: what clients saw may be one of them. */
const LATE_MS = 100;
const NO_BREAK = '\u00a0';

/** What clients saw while hosts changed: a row for each target, and below them what has to be known to read them. */
export function watchText({ report }: WatchResult, ink: Ink): string {
  if (report === undefined) {
    return '';
  }
  const names = targetNames(report.targets.map(({ target }) => target)).map((name) => ink.line(name));
  const width = Math.max(...names.map((name) => name.length));
  const rows = report.targets.map((target, index) => {
    const head = `${ink.symbols[markOf(target)]} ${(names[index] ?? '').padEnd(width)}  `;
    // Coloured only now: colours have no width.
    const text = unbroken(hang(head, whole(ink.line(figures(target).join(', '))), ink.width));
    const symbol = ink.symbols[markOf(target)];
    return `${brush(target, ink)(symbol)}${text.slice(symbol.length)}`;
  });
  const indent = ' '.repeat(ink.symbols.yes.length + 1);
  const notes = notesOn(report).map((note) => ink.dim(hang(indent, note, ink.width)));
  return [...rows, ...notes].join('\n');
}

/** Broken only after commas: a figure and its unit belong together. */
function whole(text: string): string {
  return text.replaceAll(/(?<!,) /g, NO_BREAK);
}

function unbroken(text: string): string {
  return text.replaceAll(NO_BREAK, ' ');
}

function markOf({ lost, answered }: TargetReport): 'yes' | 'no' | 'none' {
  if (answered === 0) {
    return 'none';
  }
  return lost > 0 ? 'no' : 'yes';
}

function brush(target: TargetReport, ink: Ink): (text: string) => string {
  return { yes: ink.green, no: ink.red, none: ink.dim }[markOf(target)];
}

function figures(target: TargetReport): readonly string[] {
  const { sent, unserved, servedSinceMs, answered, lost, slow, p50Ms, p99Ms } = target;
  if (answered === 0) {
    return [`${thousands(sent)} sent`, 'never answered'];
  }
  const reasons = Object.entries(target.reasons);
  const why = reasons.map(([reason, times]) =>
    reasons.length > 1 ? `${reason} ${thousands(times)}` : reason,
  );
  const isServedLate = unserved > 0 && servedSinceMs !== undefined;
  return [
    `${thousands(sent)} sent`,
    ...(lost === 0
      ? ['0 lost']
      : [
          `${thousands(lost)} lost (${why.join(', ')})`,
          `longest gap ${gapLength(target.longestGapMs)}`,
          ...(target.lostAtEnd ? ['not answered any more at the end'] : []),
        ]),
    `${thousands(slow)} slow`,
    `p50 ${milliseconds(p50Ms)}`,
    `p99 ${milliseconds(p99Ms)}`,
    ...(isServedLate
      ? [`served since ${duration(servedSinceMs)} (${thousands(unserved)} not answered before)`]
      : []),
  ];
}

function notesOn({ ms, latestMs, skipped, endedEarly }: WatchReport): readonly string[] {
  const left = skipped === 0 ? '' : ` and left out ${count(skipped, 'request')}`;
  return [
    ...(latestMs >= LATE_MS
      ? [`the prober itself was up to ${Math.round(latestMs)} ms late${left}: a gap as short may be its own`]
      : []),
    ...(endedEarly ? [`nothing was sent after ${duration(ms)}: the prober had reached its limit`] : []),
  ];
}

function gapLength(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(2)} s` : duration(ms);
}

/** `0.45 ms`, `1.2 ms`, `4 ms`, `118 ms`. */
function milliseconds(ms = 0): string {
  return `${ms < 10 ? Number(ms.toPrecision(2)) : Math.round(ms)} ms`;
}
