import type { Ink } from './ink.ts';
import { columns } from './layout.ts';
import { count } from './phrases.ts';

/** Who holds the lock of a host; nobody when `holder` is absent. */
export interface ShownLock {
  readonly host: string;
  readonly holder?: { readonly name: string; readonly pids: readonly number[] } | undefined;
}

/** A line for each host: who holds its lock. */
export function lockText(locks: readonly ShownLock[], ink: Ink): string {
  const rows = locks.map(({ host, holder }) => [
    ink.line(host),
    holder === undefined ? 'free' : `held: ${ink.line(nameOf(holder))}`,
    holder === undefined ? '' : `process ${holder.pids.join(', ')} there`,
  ]);
  return columns(rows)
    .map((line) => `${line}\n`)
    .join('');
}

/** A line for each host: who was thrown out. */
export function releasedText(locks: readonly ShownLock[], ink: Ink): string {
  const rows = locks.map(({ host, holder }) => [
    ink.line(host),
    holder === undefined ? 'was not locked' : `thrown out: ${ink.line(nameOf(holder))}`,
  ]);
  const out = locks.filter(({ holder }) => holder !== undefined).length;
  const next =
    out === 0
      ? ''
      : `${count(out, 'host')} may be half changed: run the playbook again, or see run-playbook status\n`;
  return `${columns(rows)
    .map((line) => `${line}\n`)
    .join('')}${next}`;
}

function nameOf({ name }: NonNullable<ShownLock['holder']>): string {
  return name === '' ? 'somebody who does not say who' : name;
}
