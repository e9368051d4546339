import type { Fault } from '../core/fault.ts';
import { limitText } from './drill-table.ts';
import type { Ink } from './ink.ts';
import { columns } from './layout.ts';

/** What a drill can do, a line each: name, what clients may notice, what it is; and why it cannot be done here. */
export function faultListText(
  faults: readonly Fault[],
  reasons: ReadonlyMap<string, string>,
  ink: Ink,
): string {
  const rows = faults.map(({ name, limits, description }) => {
    const reason = reasons.get(name);
    const cells = [
      name,
      limitText(limits),
      reason === undefined ? description : `${description} - not here: ${reason}`,
    ];
    return cells.map((cell) => ink.line(cell));
  });
  const [head = '', ...lines] = columns([['fault', 'limit', 'what happens'], ...rows]);
  return [ink.dim(head), ...lines].map((line) => `${line}\n`).join('');
}
