import type { HostResult } from '../core/result.ts';
import type { Ink } from './ink.ts';
import { hang, PARAGRAPH_WIDTH } from './layout.ts';

/** What a host that was taken back has again, and where it is kept how it failed. */
export function backLines({ rollback, evidence }: HostResult, ink: Ink): readonly string[] {
  const indent = ' '.repeat(ink.symbols.yes.length + 3);
  const lines = [
    ...(rollback === undefined || rollback.undone.length === 0
      ? []
      : [`taken back: ${rollback.undone.join(', ')}`]),
    ...(rollback?.stays ?? []).map((what) => `stays: ${what}`),
    ...(evidence === undefined ? [] : [`evidence: ${evidence}`]),
  ];
  return lines.map((line) => ink.dim(hang(indent, ink.line(line), ink.width ?? PARAGRAPH_WIDTH)));
}

/** Whether all that was done is taken back; packages stay. */
export function isAsBefore({ rollback }: HostResult): boolean {
  return rollback !== undefined && rollback.left.length === 0;
}

/** `, taken back`, behind how far a host came. */
export function takenBack({ rollback }: HostResult): string {
  if (rollback === undefined) {
    return '';
  }
  const { undone, left } = rollback;
  if (left.length === 0) {
    return ', taken back';
  }
  return undone.length === 0 ? ', not taken back' : `, taken back but for ${left.length}`;
}
