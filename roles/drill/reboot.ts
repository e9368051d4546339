import { sh, type FaultScripts } from 'run-playbook';

/** The host shuts down in order, and boots. Nothing puts that right but time. */
export function reboot(): FaultScripts {
  return {
    by: 'script',
    detached: true,
    healsItself: true,
    inject: () => sh`systemctl reboot`,
    trace: () => sh`cat /proc/sys/kernel/random/boot_id`,
  };
}
