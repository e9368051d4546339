/** Sends a signal to a process group. */
export function killScript(group: string, signal: string): string {
  return `kill -s ${signal.replace(/^SIG/, '')} -- -${group}`;
}

/** Ends a process group: SIGTERM, then SIGKILL for what is left of it after `graceMs`. */
export function stopScript(group: string, graceMs: number): string {
  return [
    `${killScript(group, 'SIGTERM')} || exit 0`,
    `rp_left=${Math.ceil(graceMs / 100)}`,
    'while [ "$rp_left" -gt 0 ]; do',
    // Zombies do not count: where PID 1 is no init nobody reaps them.
    `  grep -qs '^[0-9]* (.*) [^ZX] [0-9]* ${group} ' /proc/[0-9]*/stat || exit 0`,
    '  sleep 0.1 || sleep 1',
    '  rp_left=$((rp_left - 1))',
    'done',
    killScript(group, 'SIGKILL'),
  ].join('\n');
}
