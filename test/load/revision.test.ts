import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { revisionOf } from '../../src/load/revision.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rp-revision-'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function files(contents: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

describe('the revision of a project', () => {
  it.each([
    ['a branch', { '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': `${COMMIT}\n` }],
    [
      'a packed branch',
      { '.git/HEAD': 'ref: refs/heads/main\n', '.git/packed-refs': `# pack\n${COMMIT} refs/heads/main\n` },
    ],
    ['no branch', { '.git/HEAD': `${COMMIT}\n` }],
    [
      'a worktree',
      {
        '.git': 'gitdir: main/worktrees/web\n',
        'main/worktrees/web/HEAD': 'ref: refs/heads/web\n',
        'main/worktrees/web/commondir': '../..\n',
        'main/refs/heads/web': `${COMMIT}\n`,
      },
    ],
  ])('is read without git on %s', async (_, contents) => {
    vi.stubEnv('PATH', folder);
    files(contents as Readonly<Record<string, string>>);
    mkdirSync(join(folder, 'deep', 'inside'), { recursive: true });
    expect(await revisionOf(join(folder, 'deep', 'inside'))).toEqual({ commit: COMMIT });
  });

  it('is absent without a commit', async () => {
    expect(await revisionOf(folder)).toBeUndefined();
    files({ '.git/HEAD': 'ref: refs/heads/main\n' });
    expect(await revisionOf(folder)).toBeUndefined();
  });

  it.skipIf(!hasGit())('says whether files differ from it', async () => {
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=me', '-c', 'user.email=me@localhost', ...args], {
        cwd: folder,
        encoding: 'utf8',
      }).trim();
    git('init', '-q');
    files({ 'inventory/hosts.yml': 'all:\n' });
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    const commit = git('rev-parse', 'HEAD');
    expect(await revisionOf(folder)).toEqual({ commit, dirty: false });
    files({ 'inventory/hosts.yml': 'all: {}\n' });
    expect(await revisionOf(folder)).toEqual({ commit, dirty: true });
  });
});

function hasGit(): boolean {
  try {
    execFileSync('git', ['--version']);
    return true;
  } catch {
    return false;
  }
}
