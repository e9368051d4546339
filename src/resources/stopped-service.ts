import { OK, type Verdict } from '../core/resource.ts';
import type { UnitState } from '../queries/unit.ts';
import { stopService, unstopService } from './service-scripts.ts';

/** systemd's own limit for a stop is 90 s. */
const STOP_TIMEOUT_MS = 2 * 60_000;

/** What is to be done so that a unit neither runs nor starts at boot. */
export function planStopped(unit: string, { active, unitFile }: UnitState): Verdict {
  const isRunning = !['inactive', 'failed', ''].includes(active);
  const isEnabled = unitFile.startsWith('enabled');
  if (!isRunning && !isEnabled) {
    return OK;
  }
  const parts = [isRunning && 'running -> stopped', isEnabled && 'enabled -> disabled'];
  return {
    is: 'change',
    change: {
      summary: parts.filter(Boolean).join(', '),
      timeoutMs: STOP_TIMEOUT_MS,
      apply: stopService(unit, { isRunning, isEnabled }),
      undo: unstopService(unit, { isRunning, isEnabled }),
    },
  };
}
