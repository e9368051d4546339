import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mask, type Secret } from '../core/secret.ts';
import { stateDir } from './state-dir.ts';

/** Keeps how hosts stood when they failed, a file per host in a directory per run, for this user only. */
export function evidenceKeeper(
  playbook: string,
  secrets: readonly Secret[],
  env: NodeJS.ProcessEnv,
): (host: string, text: string) => Promise<string> {
  const time = new Date()
    .toISOString()
    .replaceAll(':', '-')
    .replace(/\.\d+Z$/, 'Z');
  const name = `${time}-${playbook}-${process.pid}`.replaceAll(/[^\w.-]+/g, '_');
  const directory = join(stateDir(env), 'failures', name);
  return async (host, text) => {
    const file = join(directory, `${host.replaceAll(/[^\w.-]+/g, '_')}.txt`);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(file, `${mask(text, secrets)}\n`, { mode: 0o600 });
    return file;
  };
}
