import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { matchesWildcard } from '../core/wildcard.ts';
import { expandHome } from './home.ts';

/** One key line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownKey {
  readonly marker: '@revoked' | '@cert-authority' | undefined;
  /** `host,*.example.org,!bad.example.org`, or one hashed name `|1|salt|hash`. */
  readonly names: string;
  readonly type: string;
  readonly key: Buffer;
  /** `/home/me/.ssh/known_hosts:12`. */
  readonly origin: string;
}

/** The name under which a host's keys are listed: `host`, or `[host]:port` off port 22. */
export function knownName(address: string, port: number): string {
  const name = address.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** The keys of every file that exists, in the order of the files. */
export async function readKnownHosts(files: readonly string[]): Promise<readonly KnownKey[]> {
  const keys = await Promise.all(
    files.map(async (file) => {
      const path = expandHome(file);
      try {
        return parseKnownHosts(await readFile(path, 'utf8'), path);
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
          return [];
        }
        throw error;
      }
    }),
  );
  return keys.flat();
}

/** The key lines of one file; lines that are none are skipped, as ssh does. */
export function parseKnownHosts(text: string, file: string): readonly KnownKey[] {
  const keys: KnownKey[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const fields = line.trim().split(/[ \t]+/);
    const marker = fields[0]?.startsWith('@') === true ? fields.shift() : undefined;
    const [names, type, base64] = fields;
    if (names === undefined || names.startsWith('#') || type === undefined || base64 === undefined) {
      continue;
    }
    if (marker === undefined || marker === '@revoked' || marker === '@cert-authority') {
      keys.push({
        marker,
        names,
        type,
        key: Buffer.from(base64, 'base64'),
        origin: `${file}:${index + 1}`,
      });
    }
  }
  return keys;
}

/** Whether a line's names cover a host; a negated pattern that matches rules the line out. */
export function coversHost(names: string, name: string): boolean {
  if (names.startsWith('|')) {
    return isHashOf(names, name);
  }
  let covered = false;
  for (const pattern of names.split(',')) {
    const negated = pattern.startsWith('!');
    if (matchesWildcard((negated ? pattern.slice(1) : pattern).toLowerCase(), name)) {
      if (negated) {
        return false;
      }
      covered = true;
    }
  }
  return covered;
}

function isHashOf(hashed: string, name: string): boolean {
  const [, version, salt, hash] = hashed.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) {
    return false;
  }
  const wanted = Buffer.from(hash, 'base64');
  const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}
