import { hostname, userInfo } from 'node:os';
import type { RunMark } from '../core/audit.ts';

/** What another run is told that finds a host locked by this one. */
export function lockHolder(what: string): string {
  const since = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  return `${what} by ${whoRuns()} (pid ${process.pid}) since ${since}`;
}

/** `root@control` */
export function whoRuns(): string {
  return `${userName()}@${hostname()}`;
}

/** A container may run as a user that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Who runs this, and from where: `alice as root` by way of sudo. */
export function runMark(env: NodeJS.ProcessEnv): Pick<RunMark, 'by' | 'from' | 'pid'> {
  const user = userName();
  const person = env['SUDO_USER'];
  const by = person === undefined || person === '' || person === user ? user : `${person} as ${user}`;
  return { by, from: hostname(), pid: process.pid };
}
