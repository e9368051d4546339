import type { Socket } from 'node:net';
import type { AnyAuthMethod, AuthenticationType, Client, ServerHostKeyAlgorithm } from 'ssh2';
// oxlint-disable-next-line import/no-unassigned-import -- it has to run before the next
import './without-socks.ts';
import SSH2Promise from 'ssh2-promise';
import { ALGORITHMS } from './algorithms.ts';
import type { Credentials } from './credentials.ts';

export interface Login {
  /** Connected; its owner listens for its errors. */
  readonly socket: Socket;
  readonly user: string;
  readonly credentials: Credentials;
  readonly hostKeyAlgorithms: ServerHostKeyAlgorithm[];
  readonly acceptsHostKey: (key: Buffer) => boolean;
  readonly timeoutMs: number;
  readonly keepaliveMs: number;
}

interface Progress {
  /** Methods the host would take, as far as it said. */
  readonly accepted: readonly string[];
  /** Nothing was tried yet: the same login may be tried again. */
  readonly isEarly: boolean;
}

/** Why there is no login on a connected socket. */
export class LoginFailed extends Error {
  /** The host refused every method. */
  readonly isRefused: boolean;
  readonly progress: Progress;

  constructor(error: Error, progress: Progress) {
    super(error.message, { cause: error });
    this.name = 'LoginFailed';
    this.isRefused =
      Reflect.get(error, 'level') === 'client-authentication' || /authentication/i.test(error.message);
    this.progress = progress;
  }
}

/**
 * An authenticated ssh2 client on a connected socket.
 *
 * ssh2-promise only connects: its exec() loses the exit status, takes stderr for failure and
 * resolves with half an output when the connection dies (1.0.3, lib/sshConnection.js).
 *
 * @throws LoginFailed
 */
export async function login(options: Login): Promise<Client> {
  const { socket, credentials } = options;
  const methods = authMethods(options);
  let progress: Progress = { accepted: [], isEarly: true };
  let failure: Error | undefined;
  const connection = new SSH2Promise.SSH({
    sock: socket,
    username: options.user,
    ...credentials,
    algorithms: { ...ALGORITHMS, compress: ['none'], serverHostKey: options.hostKeyAlgorithms },
    authHandler: (left: AuthenticationType[] | null) => {
      progress = { accepted: left ?? progress.accepted, isEarly: false };
      return methods.shift() ?? false;
    },
    hostVerifier: options.acceptsHostKey,
    readyTimeout: options.timeoutMs,
    keepaliveInterval: options.keepaliveMs,
    keepaliveCountMax: 3,
    reconnect: false,
  });
  const connected = connection.connect();
  // `sshConnection` is private in the types only; it exists from the first tick of connect().
  const client = Reflect.get(connection, 'sshConnection') as Client;
  // The first error is the cause, and ssh2-promise rejects with the last one.
  client.on('error', (error: Error) => {
    failure ??= error;
  });
  try {
    await Promise.race([connected, closed(socket)]);
  } catch (error) {
    socket.destroy();
    throw new LoginFailed(failure ?? asError(error), progress);
  }
  return client;
}

/** Methods in the order tried; an agent or a passphrase prompt would be one more entry. */
function authMethods({ user, credentials }: Login): (AnyAuthMethod | AuthenticationType)[] {
  const methods: (AnyAuthMethod | AuthenticationType)[] = [];
  if (credentials.privateKey !== undefined) {
    // By name: ssh2 then uses the key it parsed once, an encrypted key costs 0.1 s and more.
    methods.push('publickey');
  }
  const { password } = credentials;
  if (password !== undefined) {
    methods.push('password', {
      type: 'keyboard-interactive',
      username: user,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        finish(prompts.map(() => password));
      },
    });
  }
  return methods;
}

/** Rejects once the socket is closed, after ssh2 has had its say about the reason. */
function closed(socket: Socket): Promise<never> {
  return new Promise((_resolve, reject) => {
    const report = () => setImmediate(() => reject(new Error('the host closed the connection')));
    if (socket.destroyed) {
      report();
    }
    socket.once('close', report);
  });
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error('the host closed the connection');
}
