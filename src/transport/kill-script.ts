/** Sends a signal to a process group. */
export function killScript(group: string, signal: string): string {
  return `kill -s ${signal.replace(/^SIG/, '')} -- -${group}`;
}

/** Ends a process group: SIGTERM, then SIGKILL for what is left of it after 2 s. */
export function stopScript(group: string): string {
  return [
    `${killScript(group, 'SIGTERM')} || exit 0`,
    'for rp_i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do',
    // Zombies do not count: where PID 1 is no init nobody reaps them.
    `  grep -qs '^[0-9]* (.*) [^ZX] [0-9]* ${group} ' /proc/[0-9]*/stat || exit 0`,
    '  sleep 0.1 || sleep 1',
    'done',
    killScript(group, 'SIGKILL'),
  ].join('\n');
}
