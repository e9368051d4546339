import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where this program keeps what it has to remember, by XDG's base directory specification. */
export function stateDir(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state'), 'run-playbook');
}
