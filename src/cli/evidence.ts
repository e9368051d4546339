import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { maskHeard } from '../core/secret.ts';
import { visible } from '../report/visible.ts';
import { stateDir } from './state-dir.ts';
import type { World } from './world.ts';

/**
 * Keeps how hosts stood when they failed, a file per host in a directory per run, for this user only; what hosts said
 * is written so that it can be shown in a terminal.
 */
export function evidenceKeeper(
  playbook: string,
  { env, secrets }: Pick<World, 'env' | 'secrets'>,
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
    // To be read in a terminal, which must not obey what a host wrote.
    await writeFile(file, `${visible(maskHeard(text, secrets))}\n`, { mode: 0o600 });
    return file;
  };
}
