import { sh, type Script } from '../core/script.ts';
import type { DrillHost } from './host.ts';

/** The quickest of so many answers says best what a host's clock shows. */
const READINGS = 3;

/** How far the host's clock is ahead of ours. */
export async function clockAheadMs(host: DrillHost): Promise<number> {
  let best = { tookMs: Number.POSITIVE_INFINITY, aheadMs: 0 };
  for (let reading = 0; reading < READINGS; reading++) {
    const asked = nowMs();
    const shown = Number(await host.run('its clock could not be read', sh`date +%s%N`)) / 1e6;
    const answered = nowMs();
    if (answered - asked < best.tookMs) {
      best = { tookMs: answered - asked, aheadMs: shown - (asked + answered) / 2 };
    }
  }
  return best.aheadMs;
}

/** A script that begins at this time of the host's clock, to the millisecond; at once when it has passed. */
export function beginningAt(atMs: number, script: Script): Script {
  return sh`left=$(( ${Math.round(atMs)} - $(date +%s%N) / 1000000 ))
[ "$left" -le 0 ] || sleep "$(( left / 1000 )).$(printf %03d $(( left % 1000 )))"
${script}`;
}

/** Our own clock, finer than milliseconds. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
