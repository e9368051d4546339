/** Every fault there is, from mild to hard: the order of a drill. */
export const DESCRIPTIONS = {
  'stop-nginx': 'nginx is stopped, as by an administrator',
  'kill-nginx': 'every nginx process is killed',
  'hang-nginx': 'nginx hangs: its processes are there and answer nothing',
  'stop-haproxy': 'HAProxy is stopped, as by an administrator',
  'kill-haproxy': 'every HAProxy process is killed',
  'hang-haproxy': 'HAProxy hangs: its processes are there and answer nothing',
  'stop-keepalived': 'keepalived is stopped, as by an administrator',
  'kill-keepalived': 'every keepalived process is killed',
  'partition-and-heal': 'the hosts do not hear each other, clients reach them all',
  'link-down': 'the network interface goes down, as if its cable was pulled',
  freeze: 'the host stands still and goes on later, as a paused VM',
  reboot: 'the host reboots',
  'power-loss': 'the host loses its power, and is switched on again',
} as const;

export type FaultName = keyof typeof DESCRIPTIONS;

export const FAULT_NAMES = Object.keys(DESCRIPTIONS) as readonly FaultName[];
