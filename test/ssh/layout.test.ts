import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('../../src/transport/', import.meta.url);

/** The files of the transport whose text matches. */
function filesWith(pattern: RegExp): readonly string[] {
  return readdirSync(folder).filter((name) => pattern.test(readFileSync(new URL(name, folder), 'utf8')));
}

test('ssh2-promise and zx are each loaded in one place, and only when needed', () => {
  expect(filesWith(/^import (?!type).*'ssh2-promise'/m)).toEqual(['ssh.ts']);
  expect(filesWith(/^import (?!type).*'zx/m)).toEqual([]);
  expect(filesWith(/await import\('zx\/core'\)/)).toEqual(['shell.ts']);
  expect(filesWith(/^import (?!type).*'\.\/(ssh|shell)\.ts'/m)).toEqual([]);
  expect(filesWith(/^import (?!type).*'ssh2'/m)).toEqual([]);
});

test('connecting loads neither a SOCKS server nor zx', () => {
  // In a process of its own: what this one has loaded is other tests' doing.
  const code = `import(${JSON.stringify(new URL('ssh.ts', folder).pathname)}).then(() => {
    const { createRequire } = require('node:module');
    process.stdout.write(JSON.stringify(Object.keys(createRequire(process.argv[0]).cache)));
  })`;
  const printed = execFileSync(process.execPath, ['--import', 'jiti/register', '-e', code], {
    encoding: 'utf8',
  });
  const loaded = JSON.parse(printed) as readonly string[];
  expect(loaded.some((path) => path.includes('ssh2-promise'))).toBe(true);
  expect(loaded.filter((path) => /socksv5\/lib|\/ipv6\/|\/zx\//.test(path))).toEqual([]);
});
