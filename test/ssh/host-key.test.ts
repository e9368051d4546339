import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import ssh2 from 'ssh2';
import { EXIT, type Trouble, Unreachable } from '../../src/core/error.ts';
import type { Target } from '../../src/core/inventory.ts';
import { connect, showHostKey } from '../../src/transport/index.ts';
import { coversHost, knownName, parseKnownHosts } from '../../src/transport/known-hosts.ts';
import { rejection } from './host.ts';
import { type KeyPair, makeKey, publicKey, startServer, type TestServer } from './server.ts';

const ed25519 = makeKey();
const ecdsa: KeyPair = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
const other = makeKey();
let server: TestServer;
let name: string;
beforeAll(async () => {
  server = await startServer({ hostKeys: [ed25519, ecdsa] });
  name = `[127.0.0.1]:${server.port}`;
});
afterAll(() => server.close());

/** Connects with known_hosts files of the given texts, in order. */
async function tryWith(...texts: readonly string[]): Promise<void> {
  const files = texts.map((text, index) => server.knownHosts(`known-${index}`, text));
  const connection = await connect(server.target({ knownHostsFiles: files }));
  await connection.close();
}

const hashed = (host: string) => {
  const salt = randomBytes(20);
  const hash = createHmac('sha1', salt).update(host).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
};

/** What is said about a host that must not be talked to. */
async function refused(...texts: readonly string[]): Promise<Trouble> {
  const before = server.logins();
  const error = await rejection(tryWith(...texts), Unreachable);
  expect(error.exit).toBe(EXIT.unreachable);
  expect(error.trouble.host).toBe('svr1');
  expect(server.logins()).toBe(before);
  return error.trouble;
}

describe('a host is talked to when its key is known', () => {
  test.each([
    ['by name and port', () => `${name} ${publicKey(ed25519)}`],
    ['by hashed name', () => `${hashed(name)} ${publicKey(ed25519)}`],
    ['among several names and wildcards', () => `other,[127.0.0.?]:*,!nobody ${publicKey(ed25519)}`],
    [
      'by a key that is not the first of its lines',
      () => `${name} ${publicKey(other)}\n${name} ${publicKey(ed25519)}`,
    ],
    ['by its ECDSA key only', () => `${name} ${publicKey(ecdsa)}`],
    [
      'among comments, empty and broken lines',
      () => `# c\n\nx\n@odd y z\n  ${name}\t${publicKey(ed25519)} me@here`,
    ],
  ])('%s', async (_how, text) => {
    await tryWith(text());
  });

  test('in the second of several files, of which others may be missing', async () => {
    const file = server.knownHosts('second', `${name} ${publicKey(ed25519)}`);
    const empty = server.knownHosts('empty', '');
    const files = ['/nonexistent/known_hosts', empty, file];
    const connection = await connect(server.target({ knownHostsFiles: files }));
    await connection.close();
  });
});

describe('nothing is sent to a host whose key is', () => {
  test('unknown: the fingerprint is shown, and how to trust it', async () => {
    const trouble = await refused('');
    expect(trouble.what).toContain('not known');
    expect(trouble.why?.join()).toMatch(/shows ssh-ed25519 SHA256:[\w+/]{43}$/);
    expect(trouble.hint).toMatch(
      new RegExp(
        `log in once: ssh -o 'UserKnownHostsFile=${server.directory}/known-0' -p \\d+ \\w+@127.0.0.1$`,
      ),
    );
  });

  test('known for another port, another host, or ruled out by a negated pattern', async () => {
    expect((await refused(`127.0.0.1 ${publicKey(ed25519)}`)).what).toContain('not known');
    expect((await refused(`[127.0.0.1]:1 ${publicKey(ed25519)}`)).what).toContain('not known');
    expect((await refused(`*,!${name} ${publicKey(ed25519)}`)).what).toContain('not known');
    expect((await refused(`${hashed('127.0.0.1')} ${publicKey(ed25519)}`)).what).toContain('not known');
  });

  test('changed: both fingerprints, the line, and how to remove it', async () => {
    const trouble = await refused(`# one\n${name} ${publicKey(other)}`);
    expect(trouble.what).toContain('changed');
    expect(trouble.why).toHaveLength(2);
    expect(trouble.why?.[1]).toMatch(/^known is ssh-ed25519 SHA256:/);
    expect(trouble.from).toBe(`${server.directory}/known-0:2`);
    expect(trouble.hint).toContain(`ssh-keygen -R '${name}' -f ${server.directory}/known-0`);
  });

  test('changed to a type that no known key has', async () => {
    const rsa: KeyPair = ssh2.utils.generateKeyPairSync('rsa', { bits: 1024 });
    expect((await refused(`${name} ${publicKey(rsa)}`)).what).toContain('changed');
  });

  test('revoked, even if it is known as well', async () => {
    const trouble = await refused(`${name} ${publicKey(ed25519)}`, `@revoked * ${publicKey(ed25519)}`);
    expect(trouble.what).toContain('revoked');
    expect(trouble.from).toBe(`${server.directory}/known-1:1`);
  });

  test('known to a certificate authority only, which is not supported', async () => {
    const trouble = await refused(`@cert-authority * ${publicKey(other)}`);
    expect(trouble.hint).toContain('@cert-authority lines are not supported');
    expect(trouble.from).toBe(`${server.directory}/known-0:1`);
  });
});

test('showHostKey gets the line that makes the host known', async () => {
  const target: Target = server.target({ knownHostsFiles: [] });
  const shown = await showHostKey(target);
  expect(shown).toMatchObject({ type: 'ssh-ed25519', fingerprint: expect.stringMatching(/^SHA256:/) });
  await tryWith(`${shown.line}\n`);
});

describe('names in known_hosts', () => {
  test.each([
    ['Example.ORG', 22, 'example.org'],
    ['example.org', 2222, '[example.org]:2222'],
    ['::1', 22, '::1'],
    ['::1', 2222, '[::1]:2222'],
  ])('%s port %d is listed as %s', (address, port, listed) => {
    expect(knownName(address, port)).toBe(listed);
  });

  test.each([
    ['a.example.org', '*.example.org', true],
    ['a.example.org', '*.example.org,!a.*', false],
    ['a.example.org', '!a.*,*.example.org', false],
    ['a.example.org', 'A.EXAMPLE.ORG', true],
    ['a.example.org', 'a.example', false],
    ['axexample.org', 'a.example.org', false],
    ['svr12', 'svr?', false],
    ['svr1', '|2|YQ==|YQ==', false],
    ['svr1', '|1|broken', false],
  ])('%s is covered by %s: %s', (host, names, covered) => {
    expect(coversHost(names, host)).toBe(covered);
  });

  test('every key says where it was written', () => {
    const keys = parseKnownHosts(`# comment\n@revoked a,b ssh-rsa AAAA x y\n`, '/etc/ssh/known');
    expect(keys).toMatchObject([
      { marker: '@revoked', names: 'a,b', type: 'ssh-rsa', origin: '/etc/ssh/known:2' },
    ]);
  });
});
