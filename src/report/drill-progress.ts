import type { DrillEvent, DrillListener, Trial } from '../core/drill.ts';
import { gapText } from './drill-table.ts';
import type { Ink } from './ink.ts';
import { count, duration, thousands } from './phrases.ts';

/** A line for each step of a drill. */
export function drillProgress(write: (text: string) => void, ink: Ink): DrillListener {
  let total = 0;
  return (event) => {
    total = event.type === 'drill-started' ? event.trials : total;
    write(`${lineOf(event, total, ink)}\n`);
  };
}

function lineOf(event: DrillEvent, total: number, ink: Ink): string {
  switch (event.type) {
    case 'inspecting':
      return 'looking whether the hosts are as declared';
    case 'drill-started':
      return `${count(event.trials, 'fault')} on ${ink.line(event.hosts.join(', '))}; Ctrl-C puts right what is broken and ends the drill`;
    case 'trial-started': {
      const host = event.role === 'all' ? event.host : `${event.host}, the ${event.role}`;
      const head = ink.bold(`[${event.index}/${total}] ${ink.line(event.fault)}`);
      return `${head} on ${ink.line(host)}: ${ink.line(event.description)}`;
    }
    case 'broken':
      return event.lastsMs === 0 ? '  done' : `  done, for ${duration(event.lastsMs)}`;
    case 'put-right':
      return event.by === 'drill' ? '  put right' : '  waiting until it is right again by itself';
    case 'not-whole-yet':
      return ink.dim(`  not whole yet: ${ink.line(event.detail)}`);
    case 'trial-done':
      return `  ${outcomeText(event.trial, ink)}`;
  }
}

function outcomeText(trial: Trial, ink: Ink): string {
  const sent = trial.targets.reduce((sum, target) => sum + target.sent, 0);
  const lost = trial.targets.reduce((sum, target) => sum + target.lost, 0);
  const gap = Math.max(0, ...trial.targets.map((target) => target.outageMs));
  const whole =
    trial.wholeMs === undefined ? ink.red('not whole again') : `whole again after ${duration(trial.wholeMs)}`;
  const slow = trial.targets.reduce((sum, target) => sum + target.slow, 0);
  const late = slow === 0 ? '' : `, ${thousands(slow)} slow`;
  const reasons = [...new Set(trial.targets.flatMap((target) => Object.keys(target.reasons)))];
  const why = reasons.length === 0 ? '' : ` (${ink.line(reasons.join(', '))})`;
  return `${thousands(lost)} of ${thousands(sent)} lost${why}${late}, longest gap ${gapText(gap)}, VIP ${ink.line(trial.vip)}, ${whole}`;
}
