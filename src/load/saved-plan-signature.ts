import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InvalidInput } from '../core/error.ts';
import type { PlanSignature } from '../core/saved-plan.ts';
import { privateKeyIn, publicKeyIn, publicKeyLine } from './saved-plan-openssh.ts';

/** No signature of an SSH login is ever over a text that begins so: the same key may do both. */
const PURPOSE = 'run-playbook plan signature\n';

const HINT =
  'an ed25519 key: as ssh-keygen -t ed25519 writes it, or PEM (openssl genpkey -algorithm ed25519)';

/** Signs texts with one private key. */
export type Signer = (text: string) => PlanSignature;

/**
 * The signer of an ed25519 private key: OpenSSH's format or PEM (PKCS #8), without a passphrase.
 *
 * @throws InvalidInput the file cannot be read, or is no such key
 */
export async function loadSigner(file: string): Promise<Signer> {
  const text = await readKeyFile(file, '--sign');
  const key = ed25519(file, '--sign', () => privateKeyIn(text) ?? createPrivateKey(text));
  const publicKey = publicKeyLine(createPublicKey(key));
  return (signed) => ({ publicKey, value: sign(null, Buffer.from(PURPOSE + signed), key).toString('hex') });
}

/**
 * An ed25519 public key as a signature names it: a `.pub` file of OpenSSH, or PEM (SPKI).
 *
 * @throws InvalidInput the file cannot be read, or is no such key
 */
export async function loadPublicKey(file: string): Promise<string> {
  const option = '--require-signed-by';
  const text = await readKeyFile(file, option);
  const isPrivate = text.includes('PRIVATE KEY');
  if (isPrivate) {
    const what = `${option} ${file}: is a private key`;
    throw new InvalidInput([{ what, hint: 'name the public one: whoever verifies needs no more' }]);
  }
  return publicKeyLine(ed25519(file, option, () => publicKeyIn(text) ?? createPublicKey(text)));
}

/** Whether a signature is of this very text, by the key that it names. */
export function isSignedBy({ publicKey, value }: PlanSignature, text: string): boolean {
  const key = publicKeyIn(publicKey);
  return key !== undefined && verify(null, Buffer.from(PURPOSE + text), key, Buffer.from(value, 'hex'));
}

function ed25519(file: string, option: string, read: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (error) {
    const why = [error instanceof Error ? error.message : String(error)];
    throw new InvalidInput([{ what: `${option} ${file}: cannot be read as a key`, why, hint: HINT }]);
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    const what = `${option} ${file}: is a key of type ${key.asymmetricKeyType}`;
    throw new InvalidInput([{ what, hint: HINT }]);
  }
  return key;
}

async function readKeyFile(file: string, option: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = [error instanceof Error ? error.message : String(error)];
    throw new InvalidInput([{ what: `${option} ${file}: cannot be read`, why, hint: HINT }]);
  }
}
