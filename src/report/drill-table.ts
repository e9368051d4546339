import { rowBefore, type DrillResult, type DrillRow, type KeptRow } from '../core/drill.ts';
import type { FaultLimits } from '../core/fault.ts';
import { targetNames, type WatchTarget } from '../core/watch.ts';
import { duration, thousands } from './phrases.ts';

/** What a drill found as cells, for whoever draws the table. */
export interface DrillTable {
  readonly head: readonly string[];
  readonly rows: readonly { readonly row: DrillRow; readonly cells: readonly string[] }[];
}

/** The table of a drill; the column that compares is there once there is something to compare with. */
export function drillTable(result: DrillResult): DrillTable {
  const befores = result.rows.map((row) => rowBefore(row, result.before));
  const isCompared = befores.some((before) => before !== undefined);
  const names = shortNames(result.targets);
  return {
    head: [
      'fault',
      'host',
      'lost',
      'longest gap',
      'limit',
      'VIP',
      'whole after',
      ...(isCompared ? ['before'] : []),
    ],
    rows: result.rows.map((row, index) => ({
      row,
      cells: [
        row.fault,
        row.role === 'all' ? row.host : `${row.host} (${row.role})`,
        lostText(row, names),
        gapText(row.outageMs),
        limitText(row.limits),
        row.vip,
        row.wholeMs === undefined ? 'not whole' : duration(row.wholeMs),
        ...(isCompared ? [beforeText(befores[index])] : []),
      ],
    })),
  };
}

/** `2 lost, 0.50 s`; `-` when nothing is limited. */
export function limitText({ lost, outageMs }: FaultLimits): string {
  const parts = [
    ...(lost === undefined ? [] : [`${thousands(lost)} lost`]),
    ...(outageMs === undefined ? [] : [gapText(outageMs)]),
  ];
  return parts.join(', ') || '-';
}

/** `0.42 s` */
export function gapText(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(2)} s` : duration(ms);
}

/** `3`; with several targets `3 (80: 1, 8000: 2)` as soon as there is something to tell apart. */
function lostText({ lost, lostByTarget }: DrillRow, names: readonly string[]): string {
  if (names.length < 2 || lost === 0) {
    return thousands(lost);
  }
  const each = lostByTarget.map((own, index) => `${names[index]}: ${thousands(own)}`);
  return `${thousands(lost)} (${each.join(', ')})`;
}

/** Their ports, where these tell them apart. */
function shortNames(targets: readonly WatchTarget[]): readonly string[] {
  const ports = targets.map(({ port }) => String(port));
  return new Set(ports).size === ports.length ? ports : targetNames(targets);
}

function beforeText(before: KeptRow | undefined): string {
  return before === undefined ? '-' : `${thousands(before.lost)} lost, ${gapText(before.outageMs)}`;
}
