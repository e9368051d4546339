import { Unreachable } from '../core/error.ts';
import type { Target } from '../core/inventory.ts';
import { dial } from './dial.ts';
import { fingerprint, hostKeyAlgorithms, keyType } from './host-key.ts';
import { knownName } from './known-hosts.ts';
import { unreachable } from './unreachable.ts';

/** The key a host shows to whoever connects: not yet trusted. */
export interface ShownHostKey {
  readonly type: string;
  /** `SHA256:…`, to compare with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on the host. */
  readonly fingerprint: string;
  /** The line to append to a known_hosts file, without its end. */
  readonly line: string;
}

/**
 * Asks a host for its key and logs in nowhere.
 *
 * @throws Unreachable
 */
export async function showHostKey(target: Target): Promise<ShownHostKey> {
  const { address, port, connectTimeoutMs } = target;
  let shown: Buffer | undefined;
  try {
    const socket = await dial(address, port, connectTimeoutMs);
    const { login } = await import('./ssh.ts');
    await login({
      socket,
      user: target.user,
      credentials: {},
      hostKeyAlgorithms: hostKeyAlgorithms([]),
      acceptsHostKey: (key) => {
        shown = key;
        return false;
      },
      timeoutMs: connectTimeoutMs,
      keepaliveMs: 0,
    });
  } catch (error) {
    if (shown !== undefined) {
      const line = `${knownName(address, port)} ${keyType(shown)} ${shown.toString('base64')}`;
      return { type: keyType(shown), fingerprint: fingerprint(shown), line };
    }
    throw unreachable(target, error);
  }
  throw new Unreachable({ host: target.host, what: 'the host let us in without showing a key' });
}
