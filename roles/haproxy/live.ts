import { sh, type Script } from 'run-playbook';
import type { HaproxyVars } from './vars.ts';

/**
 * Exits 0 once a process answers that has loaded what is wanted, passwords aside.
 *
 * The generation is no digest of them, as anybody on the host may ask for it. That they are loaded follows from
 * `servingProcess`: every reload starts a process, which reads the file; one that cannot use it never serves.
 */
export function servesGeneration({ local }: HaproxyVars, generation: string): Script {
  return sh`${answer(local)} | grep -qx ${`${generation} [0-9]*`}`;
}

/** Prints which process answers: the generation that it has loaded, and its id. */
export function servingProcess({ local }: HaproxyVars): Script {
  return sh`${answer(local)} | tail -n 1`;
}

function answer({ port }: HaproxyVars['local']): Script {
  const request = 'GET /generation HTTP/1.0\\r\\n\\r\\n';
  const ask = `exec 3<>/dev/tcp/127.0.0.1/${port} && printf '${request}' >&3 && cat <&3`;
  return sh`timeout 2 bash -c ${ask}`;
}

/** Prints the generation that the file on disk has, and the answer of the process to which it has loaded. */
export function generations(vars: HaproxyVars): Script {
  return sh`sed -n 's/.* lf-string "\\([0-9a-f]*\\) %pid.*/\\1/p' /etc/haproxy/haproxy.cfg
${servingProcess(vars)}`;
}
