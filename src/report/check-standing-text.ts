import type { CheckStanding, LastCheck } from '../core/check-standing.ts';
import { EXIT } from '../core/error.ts';
import { amountsText, verdictOf } from './drift-groups.ts';
import type { Ink } from './ink.ts';
import { hang } from './layout.ts';
import { longDuration } from './phrases.ts';

/** How the last drift check ended, when, and whether one is missing; a line or two. */
export function standingText({ last, unread, everyMs, isOverdue }: CheckStanding, ink: Ink): string {
  if (unread !== undefined) {
    return ink.yellow(`drift checks cannot be read: ${ink.line(unread)}`);
  }
  const every = everyMs === undefined ? '' : `one is due every ${longDuration(everyMs)}`;
  const missing = `no drift check since: ${every}; run-playbook schedule status tells more`;
  const overdue = isOverdue ? [ink.yellow(missing)] : [];
  if (last === undefined) {
    return isOverdue
      ? ink.yellow(missing.replace(' since', ' yet'))
      : `${ink.symbols.none} drift check  none yet${every === '' ? '' : `, ${every}`}`;
  }
  return [lastCheckLine(last, ink), ...overdue].join('\n');
}

function lastCheckLine({ id, playbook, exit, findings, ageMs }: LastCheck, ink: Ink): string {
  const isWell = exit === EXIT.converged;
  const [symbol, brush] = isWell ? [ink.symbols.yes, ink.green] : [ink.symbols.no, ink.red];
  const counted = amountsText(findings);
  const result = `${verdictOf({ exit })}${counted === '' ? '' : `: ${counted}`}`;
  const more = isWell && counted === '' ? '' : `; run-playbook drift show ${id}`;
  const told = ink.line(`${playbook} ${result}, ${longDuration(ageMs)} ago${more}`);
  return `${brush(symbol)}${hang(`${symbol} drift check  `, told, ink.width).slice(symbol.length)}`;
}
