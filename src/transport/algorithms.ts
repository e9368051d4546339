import type { CipherAlgorithm, KexAlgorithm, MacAlgorithm } from 'ssh2';

/**
 * What is offered to hosts, best first; the host's sshd takes the first one it also knows.
 *
 * No diffie-hellman-group-exchange (1.8 s of CPU per connection in JavaScript), no SHA-1, no CBC.
 */
export const ALGORITHMS = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
} satisfies { kex: KexAlgorithm[]; cipher: CipherAlgorithm[]; hmac: MacAlgorithm[] };
