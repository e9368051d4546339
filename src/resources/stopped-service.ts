import { OK, type Deviation, type Resource, type Verdict } from '../core/resource.ts';
import { joinScripts, sh, type Script } from '../core/script.ts';
import { unitNamed } from '../queries/unit.ts';
import type { ServiceOptions } from './service.ts';
import { KEEP, RESTORE } from './undo-directory.ts';

/** systemd's own limit for a stop is 90 s. */
const STOP_TIMEOUT_MS = 2 * 60_000;

/**
 * A systemd service that neither runs nor starts at boot, see `service`.
 *
 * Manages: active, enabled.
 * Probe reads: `systemctl show`.
 * Change writes: the links that enable it; it is disabled, then stopped.
 * Undo: enabled and started again.
 * Does not manage: its package, its files; a unit that does not exist is as declared.
 */
export function stoppedService({ name, needs = [] }: ServiceOptions): Resource {
  const unit = `${name}.service`;
  const query = unitNamed(unit);
  return {
    id: `service ${name}`,
    kind: 'service',
    needs,
    reads: { unit: query },
    plan(seen): Verdict {
      const { active, unitFile } = seen.answer(query);
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
          deviations: [
            ...(isRunning ? [deviation(unit, 'service', ['running', 'stopped'])] : []),
            ...(isEnabled ? [deviation(`${unit} enabled`, 'unit', ['enabled', 'disabled'])] : []),
          ],
          timeoutMs: STOP_TIMEOUT_MS,
          apply: stopService(unit, { isRunning, isEnabled }),
          undo: unstopService(unit, { isRunning, isEnabled }),
        },
      };
    },
  };
}

function deviation(
  item: string,
  is: 'service' | 'unit',
  [found, expected]: readonly [found: string, expected: string],
): Deviation {
  return { item, class: is, found, expected };
}

/** What a service that is wanted stopped does as yet. */
interface Standing {
  readonly isRunning: boolean;
  readonly isEnabled: boolean;
}

/** Disabled first: a host that reboots in between does not start it again. */
function stopService(unit: string, { isRunning, isEnabled }: Standing): Script {
  return joinScripts([
    ...(isEnabled
      ? [
          KEEP,
          sh`for link in /etc/systemd/system/*.wants/${unit} /etc/systemd/system/*.requires/${unit}; do
  keep "$link"
done
systemctl disable -q ${unit}`,
        ]
      : []),
    ...(isRunning ? [sh`systemctl stop ${unit}`] : []),
    sh`systemctl reset-failed ${unit} 2>/dev/null || :`,
  ]);
}

function unstopService(unit: string, { isRunning, isEnabled }: Standing): Script {
  return joinScripts([
    ...(isEnabled
      ? [
          RESTORE,
          sh`systemctl enable -q ${unit}
for link in "$RP_UNDO"/etc/systemd/system/*/${unit}; do
  [ ! -h "$link" ] || restore "\${link#"$RP_UNDO"}"
done`,
        ]
      : []),
    ...(isRunning ? [sh`systemctl start ${unit}`] : []),
  ]);
}
