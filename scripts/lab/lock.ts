import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { LabError } from './error.ts';
import { environment } from './local.ts';

// A directory is its own lock file, so nothing is left behind. Whoever waited for a directory
// that was removed meanwhile holds nothing and starts over with the new one.
const HOLD = `
while :; do
  mkdir -p "$1" && exec 9<"$1" || exit 1
  flock --wait "$2" 9 || exit 75
  [ "$(stat -Lc %d:%i /proc/self/fd/9)" = "$(stat -c %d:%i "$1" 2>/dev/null)" ] && break
done
echo held
exec cat >/dev/null`;

/**
 * Runs `work` while holding the lock on directory `dir`, which is made if it is not there.
 *
 * The lock is a child's open file: it dies with this process, however that ends.
 *
 * @throws LabError somebody else held it for longer than `timeoutMs`
 */
export async function withLock<T>(dir: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const seconds = String(Math.ceil(timeoutMs / 1000));
  const holder = spawn('/bin/bash', ['-c', HOLD, 'lock', dir, seconds], {
    env: environment,
    // Out of reach of Ctrl-C: the lock is kept until the work has ended in order.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(holder, 'close');
  const held = await Promise.race([once(holder.stdout, 'data').then(() => true), exited.then(() => false)]);
  if (!held) {
    throw new LabError({
      what: `lock on ${dir}: not within ${seconds} s`,
      why: 'another run-playbook is building, starting or stopping this lab',
      hint: `wait for it to finish; to see who it is: fuser -v ${dir}`,
    });
  }
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await exited;
  }
}
