import { rawScript } from '../core/script.ts';
import type { ArmedUndo } from '../core/status.ts';
import { outputOf, type Output } from '../queries/output.ts';
import { armedUnit } from '../stages/armed-undo.ts';
import { LIST_RUNS } from '../stages/kept-undo.ts';

/** Runs whose undo is kept on the host. */
export const keptQuery = outputOf(LIST_RUNS);

export function keptUndos({ stdout }: Output): readonly string[] {
  return stdout.split('\n').filter(Boolean);
}

const TIMERS = armedUnit('*');

/** Timers as their files and systemd tell of them, in seconds and microseconds since the host's start. */
export const armedQuery = outputOf(
  rawScript(`cat /proc/uptime
for timer in /etc/systemd/system/${TIMERS}.timer; do
  [ -e "$timer" ] || continue
  echo "$(sed -n 's/^OnActiveSec=//p' "$timer")" \\
    "$(systemctl show -p ActiveEnterTimestampMonotonic --value -- "\${timer##*/}")" "\${timer##*/}"
done`),
);

/** What the script above printed. */
export function armedUndos({ stdout }: Output): readonly ArmedUndo[] {
  const [uptime = '', ...lines] = stdout.split('\n');
  const nowMs = Number(uptime.split(' ')[0]) * 1000;
  const prefix = TIMERS.slice(0, -1);
  return lines
    .map((line) => line.split(' '))
    .flatMap(([seconds, enteredUs, timer]) => {
      const leftMs = Number(enteredUs) / 1000 + Number(seconds) * 1000 - nowMs;
      return timer === undefined
        ? []
        : [{ run: timer.slice(prefix.length, -'.timer'.length), leftMs: Math.max(0, leftMs) || 0 }];
    });
}
