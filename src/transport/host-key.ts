import { createHash } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { Unreachable } from '../core/error.ts';
import type { Target } from '../core/inventory.ts';
import { quote } from '../core/script.ts';
import { expandHome } from './home.ts';
import { coversHost, type KnownKey, knownName } from './known-hosts.ts';

/** What known_hosts says about the key a host shows. */
export type HostKeyVerdict =
  | { readonly verdict: 'known' }
  | { readonly verdict: 'unknown'; readonly authorities: readonly KnownKey[] }
  | { readonly verdict: 'changed'; readonly entry: KnownKey }
  | { readonly verdict: 'revoked'; readonly entry: KnownKey };

/** Best first. ssh-rsa with SHA-1 signatures is not among them, an RSA key signs with SHA-2. */
const OFFERED: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** The known keys that are listed for a target. */
export function keysOfTarget(keys: readonly KnownKey[], target: Target): readonly KnownKey[] {
  const name = knownName(target.address, target.port);
  return keys.filter((key) => coversHost(key.names, name));
}

/**
 * Host key algorithms to offer, those with a known key first: a host known by its ECDSA key
 * would otherwise show its Ed25519 key and look changed.
 */
export function hostKeyAlgorithms(keys: readonly KnownKey[]): ServerHostKeyAlgorithm[] {
  const known = new Set(keys.filter((key) => key.marker === undefined).map((key) => key.type));
  const isKnown = (algorithm: ServerHostKeyAlgorithm) =>
    known.has(algorithm) || (known.has('ssh-rsa') && algorithm.startsWith('rsa-'));
  return [...OFFERED.filter(isKnown), ...OFFERED.filter((algorithm) => !isKnown(algorithm))];
}

/** @param keys of this target only */
export function judgeHostKey(keys: readonly KnownKey[], shown: Buffer): HostKeyVerdict {
  const revoked = keys.find((key) => key.marker === '@revoked' && key.key.equals(shown));
  if (revoked !== undefined) {
    return { verdict: 'revoked', entry: revoked };
  }
  const plain = keys.filter((key) => key.marker === undefined);
  if (plain.some((key) => key.key.equals(shown))) {
    return { verdict: 'known' };
  }
  const type = keyType(shown);
  const entry = plain.find((key) => key.type === type) ?? plain[0];
  if (entry !== undefined) {
    return { verdict: 'changed', entry };
  }
  return { verdict: 'unknown', authorities: keys.filter((key) => key.marker === '@cert-authority') };
}

/** `SHA256:…` of a public key, as ssh prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** `ssh-ed25519`, read from the key itself (RFC 4253, 6.6); `unknown` when it is no name (RFC 4251, 6). */
export function keyType(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  const type = key.subarray(4, 4 + length).toString('latin1');
  return /^[\w@.+-]{1,64}$/.test(type) ? type : 'unknown';
}

/** Why a host whose key is not the known one is not talked to. */
export function hostKeyRefused(
  target: Target,
  shown: Buffer,
  judged: Exclude<HostKeyVerdict, { verdict: 'known' }>,
): Unreachable {
  const name = knownName(target.address, target.port);
  const trust = `compare the fingerprint with the one on the host's console, and log in once: ${loginLine(target)}`;
  const sees = `${name} shows ${keyType(shown)} ${fingerprint(shown)}`;
  if (judged.verdict === 'revoked') {
    return new Unreachable({
      host: target.host,
      what: 'the host shows a revoked key, nothing was sent to it',
      why: [sees],
      from: judged.entry.origin,
      hint: 'someone may be posing as the host: give it a new host key before using it again',
    });
  }
  if (judged.verdict === 'changed') {
    const { entry } = judged;
    return new Unreachable({
      host: target.host,
      what: 'the host key changed, nothing was sent to the host',
      why: [sees, `known is ${entry.type} ${fingerprint(entry.key)}`],
      from: entry.origin,
      hint:
        'someone may be posing as the host. If it was reinstalled, remove the old key: ' +
        `ssh-keygen -R '${name}' -f ${quote(fileOf(entry))}, then ${trust}`,
    });
  }
  const [authority] = judged.authorities;
  return new Unreachable({
    host: target.host,
    what: 'the host key is not known, nothing was sent to the host',
    why: [sees],
    from: authority?.origin,
    hint:
      authority === undefined
        ? trust
        : `@cert-authority lines are not supported, the plain host key must be listed: ${trust}`,
  });
}

const USUAL_FILE = '~/.ssh/known_hosts';

/** What asks about the key, and writes it where it is looked for. */
function loginLine({ address, port, user, knownHostsFiles: [file] }: Target): string {
  const words = [
    'ssh',
    ...(file === undefined || file === expandHome(USUAL_FILE) ? [] : ['-o', `UserKnownHostsFile=${file}`]),
    ...(port === 22 ? [] : ['-p', String(port)]),
    `${user}@${address}`,
  ];
  return words.map(quote).join(' ');
}

function fileOf(entry: KnownKey): string {
  return entry.origin.slice(0, entry.origin.lastIndexOf(':'));
}
