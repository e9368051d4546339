import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { formatTrouble, InvalidInput } from '../../src/core/error.ts';

/** A folder with the given files, removed when the test ends; `.env` gets the mode it needs. */
export async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'run-playbook-load-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    const file = join(dir, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    await chmod(file, name === '.env' ? 0o600 : 0o644);
  }
  return dir;
}

/** The errors as a person sees them; anything but InvalidInput fails the test. */
export async function printed(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof InvalidInput) {
      return error.troubles.map((trouble) => formatTrouble(trouble)).join('\n');
    }
    throw error;
  }
  return 'no error';
}
