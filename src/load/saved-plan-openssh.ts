import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

const TYPE = 'ssh-ed25519';
const MAGIC = 'openssh-key-v1\0';
const KEY_BYTES = 32;

/**
 * The ed25519 key in a line of a `.pub` file; undefined when it is no line of that form.
 *
 * node:crypto reads PEM only; the format is RFC 8709's, in RFC 4253's strings.
 */
export function publicKeyIn(text: string): KeyObject | undefined {
  const [, encoded = ''] = /^ssh-ed25519 ([A-Za-z0-9+/=]+)(?:[ \t].*)?$/.exec(text.trim()) ?? [];
  const blob = Buffer.from(encoded, 'base64');
  const [type, key, ...rest] = encoded === '' || blob.toString('base64') !== encoded ? [] : stringsIn(blob);
  return type?.toString() === TYPE && key?.length === KEY_BYTES && rest.length === 0
    ? createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') }, format: 'jwk' })
    : undefined;
}

/** `ssh-ed25519 AAAA…`, without a comment. @param key an ed25519 public key */
export function publicKeyLine(key: KeyObject): string {
  const { x = '' } = key.export({ format: 'jwk' });
  const blob = Buffer.concat([string(TYPE), string(Buffer.from(x, 'base64url'))]);
  return `${TYPE} ${blob.toString('base64')}`;
}

/**
 * The ed25519 key in a private key file of OpenSSH (PROTOCOL.key); undefined when the file is none of OpenSSH's.
 *
 * @throws Error it has a passphrase, or is of another type
 */
export function privateKeyIn(text: string): KeyObject | undefined {
  const [, encoded] =
    /^-----BEGIN OPENSSH PRIVATE KEY-----\s([\s\S]*)-----END OPENSSH PRIVATE KEY-----\s*$/.exec(text) ?? [];
  if (encoded === undefined) {
    return undefined;
  }
  const blob = Buffer.from(encoded, 'base64');
  const [cipher, kdf, kdfOptions] = stringsIn(blob.subarray(MAGIC.length), 3);
  if (cipher === undefined || kdf === undefined || kdfOptions === undefined) {
    throw new Error('it is cut short');
  }
  if (cipher.toString() !== 'none') {
    throw new Error('it has a passphrase, and nobody is asked for one');
  }
  const lengths = [cipher, kdf, kdfOptions].reduce((sum, part) => sum + 4 + part.length, 0);
  // After the number of keys: the public key, then the part that a passphrase would encrypt.
  const [, secret = Buffer.alloc(0)] = stringsIn(blob.subarray(MAGIC.length + lengths + 4), 2);
  // After two check numbers: type, public key, private key, comment.
  const [type, publicKey, seedAndPublic] = stringsIn(secret.subarray(8), 3);
  if (type?.toString() !== TYPE || publicKey === undefined || seedAndPublic?.length !== 2 * KEY_BYTES) {
    throw new Error(`it is of type ${type?.toString() ?? 'unknown'}`);
  }
  const jwk = {
    kty: 'OKP',
    crv: 'Ed25519',
    x: publicKey.toString('base64url'),
    d: seedAndPublic.subarray(0, KEY_BYTES).toString('base64url'),
  };
  return createPrivateKey({ key: jwk, format: 'jwk' });
}

/** The length-prefixed strings at the beginning of a blob, as many as are whole. */
function stringsIn(blob: Buffer, most = Infinity): readonly Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  while (found.length < most && at + 4 <= blob.length && at + 4 + blob.readUInt32BE(at) <= blob.length) {
    const end = at + 4 + blob.readUInt32BE(at);
    found.push(blob.subarray(at + 4, end));
    at = end;
  }
  return found;
}

function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
