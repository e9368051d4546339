import { randomBytes } from 'node:crypto';
import { appendFile, chmod, mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a report whole or not at all: whoever reads the file sees the former one or this one. A link stays a link; what
 * is no regular file, such as /dev/stderr or a pipe, is written to as it is. Missing folders are made.
 *
 * @param mode when left out, that of the former one, else as the umask has it
 * @throws Error it cannot be written; the former one is untouched
 */
export async function writeReport(path: string, text: string, mode?: number): Promise<void> {
  const file = await realpath(path).catch(() => path);
  const before = await stat(file).catch(() => undefined);
  // /dev/stdout may lead to a regular file, which whoever opened it goes on writing to.
  if (path.startsWith('/dev/') || (before !== undefined && !before.isFile())) {
    await appendFile(path, text);
    return;
  }
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, text, { flag: 'wx' });
    const wanted = mode ?? (before && before.mode & 0o777);
    if (wanted !== undefined) {
      await chmod(draft, wanted);
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
