import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { useHost } from './host.ts';

const host = useHost();
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
  expect(host().connection.host).toBe('svr1');
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  expect(loaded.some((path) => path.includes('ssh2-promise'))).toBe(true);
  expect(loaded.filter((path) => /socksv5\/lib|\/ipv6\/|\/zx\//.test(path))).toEqual([]);
});
