import { readFile } from 'node:fs/promises';
import { Unreachable } from '../core/error.ts';
import type { Target } from '../core/inventory.ts';
import { quote } from '../core/script.ts';
import { expandHome } from './home.ts';

/** What a login is tried with, in this order. */
export interface Credentials {
  readonly privateKey?: Buffer;
  /** Of an encrypted private key. */
  readonly passphrase?: string;
  readonly password?: string;
}

/** Tried when the inventory names no key, in OpenSSH's own names; the first that exists and has no passphrase is used. */
const DEFAULT_KEYS = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa'];

/**
 * @throws Unreachable the private key cannot be read or is encrypted, or there is nothing to log in with
 */
export async function readCredentials(target: Target): Promise<Credentials> {
  const password = target.password === undefined ? {} : { password: target.password.reveal() };
  if (target.privateKeyFile !== undefined) {
    return { privateKey: await readPrivateKey(target, target.privateKeyFile), ...password };
  }
  if (target.password !== undefined) {
    return password;
  }
  const privateKey = await readDefaultKey();
  if (privateKey === undefined) {
    throw new Unreachable({
      host: target.host,
      what: 'there is nothing to log in with',
      why: [`no key without a passphrase among ${DEFAULT_KEYS.join(', ')}`],
      hint: 'set ansible_ssh_private_key_file or ansible_password in the inventory',
    });
  }
  return { privateKey };
}

async function readDefaultKey(): Promise<Buffer | undefined> {
  for (const path of DEFAULT_KEYS) {
    // Not there, or not ours to read: the next one may be.
    const key = await readFile(expandHome(path)).catch(() => undefined);
    if (key !== undefined && !isEncryptedKey(key)) {
      return key;
    }
  }
  return undefined;
}

async function readPrivateKey(target: Target, file: string): Promise<Buffer> {
  const path = expandHome(file);
  let key: Buffer;
  try {
    key = await readFile(path);
  } catch (error) {
    throw new Unreachable(
      {
        host: target.host,
        what: 'the private key cannot be read',
        why: [error instanceof Error ? error.message : String(error)],
        hint: 'check ansible_ssh_private_key_file in the inventory',
      },
      { cause: error },
    );
  }
  if (isEncryptedKey(key)) {
    throw new Unreachable({
      host: target.host,
      what: `the private key ${path} is encrypted, and asking for its passphrase is not supported yet`,
      hint: `use a key of its own for this work without a passphrase: ssh-keygen -t ed25519 -N '' -f ${quote(`${path}.playbook`)}`,
    });
  }
  return key;
}

/** Whether a private key in PEM or OpenSSH format needs a passphrase. */
export function isEncryptedKey(key: Buffer): boolean {
  const text = key.toString('latin1');
  if (/^Proc-Type: 4,ENCRYPTED|^-----BEGIN ENCRYPTED PRIVATE KEY-----/m.test(text)) {
    return true;
  }
  const openssh = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1];
  if (openssh === undefined) {
    return false;
  }
  // PROTOCOL.key: "openssh-key-v1\0", then the cipher's name as a length-prefixed string.
  const blob = Buffer.from(openssh, 'base64').subarray('openssh-key-v1\0'.length);
  return blob.length > 4 && blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1') !== 'none';
}
