import type { Connection, Held } from '../core/connection.ts';
import { HostFailed, Locked } from '../core/error.ts';
import { sh } from '../core/script.ts';

/** Only root can write here; gone after a reboot, as whoever held it. */
const LOCK = '/run/run-playbook.lock';
const LOCK_TIMEOUT_MS = 30_000;
/** sysexits.h EX_TEMPFAIL: nothing else in the script ends with it. */
const IS_HELD = 75;

/**
 * The host's lock: whoever holds it is the only one to change the host.
 *
 * It dies with the connection: the host has no lock without somebody who works there.
 *
 * @param holder tells others who holds it: `phase1 by root@control since 2026-01-31 03:00:00`
 * @throws Locked somebody else holds it
 */
export async function holdLock(connection: Connection, holder: string): Promise<Held> {
  const { host } = connection;
  const held = await connection.hold(
    sh`exec 9>>${LOCK}
flock -n 9 || { cat ${LOCK}; exit ${IS_HELD}; }
printf '%s\\n' ${holder} >${LOCK}
echo held
cat >/dev/null
: >${LOCK}`,
    { timeoutMs: LOCK_TIMEOUT_MS },
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
