import type { Connection, Held } from '../core/connection.ts';
import { HostFailed, Locked } from '../core/error.ts';
import { rawScript, sh, type Script } from '../core/script.ts';
import type { Output } from '../queries/output.ts';

/** Only root can write here; gone after a reboot, as whoever held it. */
const LOCK = '/run/run-playbook.lock';
const LOCK_TIMEOUT_MS = 30_000;
/** A host that has heard nothing for as long gives its lock up; TCP would take two hours to notice. */
const SILENCE: Silence = { beatMs: 15_000, givenUpAfterS: 60 };
/** sysexits.h EX_TEMPFAIL: nothing else in the scripts ends with it. */
const IS_HELD = 75;

/** How often whoever holds a lock is heard of on its host, and how long that may not be. */
export interface Silence {
  readonly beatMs: number;
  readonly givenUpAfterS: number;
}

export interface LockOptions extends Partial<Silence> {
  /** How long it is waited for; not at all when left out. */
  readonly waitMs?: number;
  /** Aborted: it is no longer waited for. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The host's lock: whoever holds it is the only one to change the host.
 *
 * It dies with the connection: the host has no lock without somebody who works there. Of a connection that dies
 * without a word (power loss, a network that is cut) the host learns by hearing nothing.
 *
 * @param holder tells others who holds it: `phase1 by root@control since 2026-01-31 03:00:00`
 * @throws Locked somebody else holds it, all the time that was waited
 */
export async function holdLock(
  connection: Connection,
  holder: string,
  { waitMs = 0, signal, ...silence }: LockOptions = {},
): Promise<Held> {
  const { host } = connection;
  const { beatMs, givenUpAfterS } = { ...SILENCE, ...silence };
  const patience = waitMs > 0 ? sh`-w ${Math.ceil(waitMs / 1000)}` : sh`-n`;
  const held = await connection.hold(
    sh`umask 077
exec 9>>${LOCK}
flock ${patience} 9 || { cat ${LOCK}; exit ${IS_HELD}; }
printf '%s\\n' ${holder} >${LOCK}
echo held
# bash could read with a time limit itself, by the clock of the day (5.2): the lock would go when that is set.
until [ -z "$(timeout --foreground ${givenUpAfterS} head -c 1 | tr '\\n' .)" ]; do :; done
: >${LOCK}`,
    { timeoutMs: LOCK_TIMEOUT_MS + waitMs, beatMs, ...(signal !== undefined && { signal }) },
  );
  if ('release' in held) {
    return held;
  }
  if (held.exit !== IS_HELD) {
    throw new HostFailed({
      host,
      what: 'its lock could not be taken; nothing was changed',
      why: held.stderr.trim().split('\n').filter(Boolean).slice(-5),
      hint: `is /run on ${host} writable for root, and flock (util-linux) there?`,
    });
  }
  throw new Locked({
    host,
    what: 'another run is changing this host; nothing was changed',
    why: [held.stdout.toString('utf8').trim() || 'it does not say who it is'],
    hint: 'run again when it has ended, or let this run wait for it: --wait 600',
  });
}

/** Who holds a host's lock. */
export interface LockHolder {
  /** What the holder says of itself; empty when nothing. */
  readonly name: string;
  readonly pids: readonly number[];
}

/**
 * Prints the processes that hold the lock.
 *
 * By /proc/PID/fdinfo, which tells of locks since Linux 4.1: /proc/locks names the process that called flock(2), and
 * that was flock(1), which is gone; in a container it then leaves the lock out.
 */
const HOLDERS = sh`holders() {
  find /proc/[0-9]*/fd -lname ${LOCK} 2>/dev/null | while IFS= read -r fd; do
    process=${rawScript('${fd%/fd/*}')}
    ! grep -qs '^lock:' "$process/fdinfo/${rawScript('${fd##*/}')}" || echo "${rawScript('${process##*/}')}"
  done | sort -nu
}`;

/** Tells who holds the lock, without taking it. */
export const READ_LOCK: Script = sh`${HOLDERS}
holders | tr '\\n' ' '
echo
cat ${LOCK}`;

/** What READ_LOCK printed; undefined when nobody holds the lock. */
export function lockHolderOf({ stdout }: Pick<Output, 'stdout'>): LockHolder | undefined {
  const [pids = '', ...name] = stdout.split('\n');
  const numbers = pids
    .split(' ')
    .filter((pid) => /^[1-9]\d{0,9}$/.test(pid))
    .map(Number);
  return numbers.length === 0 ? undefined : { name: name.join('\n').trim(), pids: numbers };
}

/** Ends the processes that hold the lock, whatever they are doing; prints who they were as READ_LOCK does. */
export const BREAK_LOCK: Script = sh`${HOLDERS}
held=$(holders)
printf '%s\\n' "$(echo $held)"
cat ${LOCK} 2>/dev/null || :
[ -n "$held" ] || exit 0
kill -s TERM $held 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do
  [ -n "$(holders)" ] || break
  sleep 0.2
done
held=$(holders)
[ -z "$held" ] || kill -s KILL $held 2>/dev/null
sleep 0.1
[ -z "$(holders)" ]`;
