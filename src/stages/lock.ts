import type { Connection, Held } from '../core/connection.ts';
import { HostFailed, Locked } from '../core/error.ts';
import { sh } from '../core/script.ts';

/** Only root can write here; gone after a reboot, as whoever held it. */
const LOCK = '/run/run-playbook.lock';
const LOCK_TIMEOUT_MS = 30_000;
/** A host that has heard nothing for as long gives its lock up; TCP would take two hours to notice. */
const SILENCE: Silence = { beatMs: 15_000, givenUpAfterS: 60 };
/** sysexits.h EX_TEMPFAIL: nothing else in the script ends with it. */
const IS_HELD = 75;

/** How often whoever holds a lock is heard of on its host, and how long that may not be. */
export interface Silence {
  readonly beatMs: number;
  readonly givenUpAfterS: number;
}

/**
 * The host's lock: whoever holds it is the only one to change the host.
 *
 * It dies with the connection: the host has no lock without somebody who works there. Of a connection that dies
 * without a word (power loss, a network that is cut) the host learns by hearing nothing.
 *
 * @param holder tells others who holds it: `phase1 by root@control since 2026-01-31 03:00:00`
 * @throws Locked somebody else holds it
 */
export async function holdLock(
  connection: Connection,
  holder: string,
  { beatMs, givenUpAfterS }: Silence = SILENCE,
): Promise<Held> {
  const { host } = connection;
  const held = await connection.hold(
    sh`exec 9>>${LOCK}
flock -n 9 || { cat ${LOCK}; exit ${IS_HELD}; }
printf '%s\\n' ${holder} >${LOCK}
echo held
bash -c 'while read -r -t "$1"; do :; done' lock ${givenUpAfterS}
: >${LOCK}`,
    { timeoutMs: LOCK_TIMEOUT_MS, beatMs },
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
    hint: 'run again when it has ended',
  });
}
