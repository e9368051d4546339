import { sh, type Script } from 'run-playbook';
import type { HaproxyVars } from './vars.ts';

/**
 * Exits 0 once a process answers that has loaded what is wanted.
 *
 * Its generation says so for everything but the password of the statistics, of which no digest is told:
 * that one is tried.
 */
export function servesGeneration({ local }: HaproxyVars, generation: string): Script {
  const { port, stats, stats_auth } = local;
  const login =
    stats && stats_auth !== undefined
      ? sh` &&
  credentials=$(printf '%s:%s' ${stats_auth.user} ${stats_auth.password} | base64 -w 0) &&
  ask /stats "Authorization: Basic $credentials" | head -n 1 | grep -q ' 200 '`
      : sh``;
  return sh`ask() { # path header
  printf 'GET %s HTTP/1.0\r\n%s\r\n\r\n' "$1" "$2" |
    timeout 2 bash -c ${`exec 3<>/dev/tcp/127.0.0.1/${port} && cat >&3 && cat <&3`}
}
ask /generation 'Host: localhost' | grep -qx ${generation}${login}`;
}
