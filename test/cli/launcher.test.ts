import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const LAUNCHER = fileURLToPath(new URL('../../bin/run-playbook.js', import.meta.url));
const UNBUILT = mkdtempSync(join(tmpdir(), 'run-playbook-launcher-'));

cpSync(LAUNCHER, join(UNBUILT, 'bin/run-playbook.js'));
writeFileSync(join(UNBUILT, 'package.json'), '{ "type": "module", "version": "1.2.3" }');
afterAll(() => rmSync(UNBUILT, { recursive: true }));

async function launch(...args: readonly string[]) {
  try {
    const { stdout, stderr } = await promisify(execFile)(join(UNBUILT, 'bin/run-playbook.js'), args);
    return { exit: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exit: code, stdout, stderr };
  }
}

describe('bin/run-playbook.js', () => {
  it('is executable, or npx could not start it', () => {
    expect(statSync(LAUNCHER).mode & 0o777).toBe(0o755);
  });

  it('prints the version without loading anything', async () => {
    expect(await launch('--version')).toEqual({ exit: 0, stdout: '1.2.3\n', stderr: '' });
  });

  it('says how to build what is not built', async () => {
    const { exit, stderr } = await launch('phase1');

    expect(exit).toBe(5);
    expect(stderr).toContain('npm ci');
  });
});
