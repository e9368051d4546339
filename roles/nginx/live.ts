import { sh, type Script } from 'run-playbook';
import type { NginxVars } from './vars.ts';

/** Exits 0 once a process answers that has loaded what is wanted: only that one tells its generation. */
export function servesGeneration(vars: NginxVars, generation: string): Script {
  return sh`${answer(vars)} | grep -qx ${generation}`;
}

/** Prints the generation that the files on disk have, and the answer of the process to which it has loaded. */
export function generations(vars: NginxVars): Script {
  return sh`sed -n 's/^ *return 200 "\\([0-9a-f]*\\)\\\\n";$/\\1/p' /etc/nginx/run-playbook-health.conf
${answer(vars)} | sed '1,/^.\\{0,1\\}$/d'`;
}

function answer({ port, health }: NginxVars): Script {
  const request = `GET /generation HTTP/1.0\\r\\nHost: ${health.server_name}\\r\\n\\r\\n`;
  const ask = `exec 3<>/dev/tcp/127.0.0.1/${port} && printf '${request}' >&3 && cat <&3`;
  return sh`timeout 2 bash -c ${ask}`;
}
