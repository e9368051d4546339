import { Unreachable } from '../core/error.ts';
import type { Target } from '../core/inventory.ts';
import { quote } from '../core/script.ts';
import type { LoginFailed } from './ssh.ts';

/** Causes that go away by themselves: a restarting sshd, MaxStartups, a busy resolver. */
const TRANSIENT = new Set(['ECONNREFUSED', 'ECONNRESET', 'EAI_AGAIN', 'EPIPE']);

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: check ansible_port, and on the host: systemctl status ssh',
  ENOTFOUND: 'the name does not resolve: check ansible_host',
  EAI_AGAIN: 'the name service does not answer: check ansible_host and /etc/resolv.conf',
  EHOSTUNREACH: 'check that the host is up, and ansible_host',
  ENETUNREACH: 'this machine has no route there: check the network and ansible_host',
  ETIMEDOUT: 'check that the host is up, ansible_host, and firewalls in between',
  EACCES: 'check the permissions of the known_hosts files and of ~/.ssh',
  ECONNRESET: 'the host drops connections: see its sshd log, MaxStartups or a firewall',
};

export function isTransient(error: unknown): boolean {
  if (isLoginFailed(error)) {
    // A host that closes before it said anything is over its MaxStartups, or restarting.
    const isClosed = /lost before handshake|closed the connection/.test(error.message);
    return error.progress.isEarly && (isClosed || hasTransientCode(error.cause));
  }
  return hasTransientCode(error);
}

/** An error of connecting or logging in, as a person reads it. */
export function unreachable(target: Target, error: unknown): Unreachable {
  if (error instanceof Unreachable) {
    return error;
  }
  const where = `${target.address} port ${target.port}`;
  const message = error instanceof Error ? error.message : String(error);
  if (isLoginFailed(error) && error.isRefused) {
    return loginRefused(target, error);
  }
  const code = codeOf(isLoginFailed(error) ? error.cause : error);
  return new Unreachable(
    {
      host: target.host,
      what: `no SSH connection to ${where}`,
      why: messagesOf(error),
      hint: (code === undefined ? undefined : HINTS[code]) ?? handshakeHint(message),
    },
    { cause: error },
  );
}

function loginRefused(target: Target, error: LoginFailed): Unreachable {
  const tried = [
    target.privateKeyFile !== undefined && `the key ${target.privateKeyFile}`,
    target.password !== undefined && 'the password',
  ].filter((method) => method !== false);
  const accepts =
    error.progress.accepted.length === 0 ? [] : [`it accepts: ${error.progress.accepted.join(', ')}`];
  return new Unreachable(
    {
      host: target.host,
      what: `the host does not let ${target.user} in`,
      why: [`it refused ${tried.join(' and ')}`, ...accepts],
      hint:
        target.privateKeyFile === undefined
          ? 'check ansible_user and ansible_password'
          : `check ansible_user, and that the key is allowed: ssh-copy-id -i ${quote(target.privateKeyFile)} ` +
            `-p ${target.port} ${quote(`${target.user}@${target.address}`)}`,
    },
    { cause: error },
  );
}

function handshakeHint(message: string): string | undefined {
  if (message.includes('privateKey')) {
    return 'ansible_ssh_private_key_file must name a private key in OpenSSH or PEM format';
  }
  if (message.startsWith('Timed out')) {
    return 'something listens there but does not finish the SSH handshake: check ansible_port, or raise ansible_timeout';
  }
  if (message.includes('no matching')) {
    return (
      'the host allows only algorithms that are not supported: SHA-1, CBC, diffie-hellman-group-exchange, ' +
      'post-quantum key exchange and certificates. Allow curve25519-sha256 and aes128-gcm in its sshd_config'
    );
  }
  return undefined;
}

/** Of a name with several addresses every one failed, and the error itself says nothing. */
function messagesOf(error: unknown): readonly string[] {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  return errors.map((one) => (one instanceof Error ? one.message : String(one)));
}

function hasTransientCode(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && TRANSIENT.has(code);
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** By name: importing the class would load ssh2 where nothing connects. */
function isLoginFailed(error: unknown): error is LoginFailed {
  return error instanceof Error && error.name === 'LoginFailed';
}
