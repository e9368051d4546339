import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, {
  type Algorithms,
  type AuthContext,
  type Connection,
  type ServerChannel,
  type Session,
} from 'ssh2';
import type { Target } from '../../src/core/inventory.ts';
import { FAKE_SUDO } from './fake-sudo.ts';

/** Also what the shell of a login user may print before anything of ours runs. */
export interface ServerOptions {
  readonly hostKeys?: readonly KeyPair[];
  readonly algorithms?: Algorithms;
  /** Lines before the SSH version string. */
  readonly greeting?: string;
  /** Shown during the login. */
  readonly banner?: string;
  /** `undefined`: only the key logs in. */
  readonly password?: string;
  readonly keyboardInteractive?: boolean;
  /** Channels refused before the first one is given. */
  readonly refuseChannels?: number;
  /** MaxSessions of sshd: on each connection. */
  readonly maxSessions?: number;
  /** Runs the command line instead of `sh -c`. */
  readonly loginShell?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Runs nothing: ends every script at once with this exit code, in the TCP segment of its output. */
  readonly instantExit?: () => number;
}

export interface KeyPair {
  readonly private: string;
  readonly public: string;
}

export interface TestServer {
  readonly port: number;
  readonly directory: string;
  readonly lines: readonly string[];
  readonly children: readonly ChildProcess[];
  /** Channels open at once, at most. */
  readonly mostChannels: () => number;
  readonly logins: () => number;
  /** Connections that are open now. */
  readonly clients: () => number;
  /** Connections on which a login was tried. */
  readonly attempts: () => number;
  /** Bytes on the wire from all clients. */
  readonly bytesRead: () => number;
  /** `ssh-ed25519 AAAA…`, to be put behind a name. */
  readonly hostKeyLine: string;
  /** What a client needs to log in here; the host key is known. */
  target(changes?: Partial<Target>): Target;
  /** Writes a known_hosts file and returns its path. */
  knownHosts(name: string, text: string): string;
  /** Cuts every connection as a pulled cable would. */
  cut(): void;
  /** Falls silent with every connection open. */
  freeze(): void;
  close(): Promise<void>;
}

/** A new Ed25519 key. ssh2 1.17 now and then makes one that it cannot read itself. */
export function makeKey(): KeyPair {
  const pair = ssh2.utils.generateKeyPairSync('ed25519');
  return ssh2.utils.parseKey(pair.private) instanceof Error ? makeKey() : pair;
}

const CLIENT_KEY = makeKey();
const HOST_KEY = makeKey();

/** `ssh-ed25519 AAAA…` without the comment. */
export function publicKey(pair: KeyPair): string {
  return pair.public.split(' ').slice(0, 2).join(' ');
}

export function keyBlob(pair: KeyPair): Buffer {
  return Buffer.from(pair.public.split(' ')[1] ?? '', 'base64');
}

/** An SSH server on 127.0.0.1 that runs commands on this machine, each in a process group of its own. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'rp-ssh-'));
  writeFileSync(join(directory, 'id_ed25519'), CLIENT_KEY.private, { mode: 0o600 });
  writeFileSync(join(directory, 'sudo'), FAKE_SUDO);
  chmodSync(join(directory, 'sudo'), 0o755);
  const state = {
    directory,
    lines: [] as string[],
    children: [] as ChildProcess[],
    open: 0,
    most: 0,
    refused: 0,
  };
  const sockets = new Set<Socket>();
  let logins = 0;
  let attempts = 0;
  let bytesRead = 0;
  const hostKeyLine = publicKey(options.hostKeys?.[0] ?? HOST_KEY);
  const server = new ssh2.Server({
    hostKeys: (options.hostKeys ?? [HOST_KEY]).map((key) => key.private),
    ...(options.algorithms && { algorithms: options.algorithms }),
    ...(options.greeting !== undefined && { greeting: options.greeting }),
    ...(options.banner !== undefined && { banner: options.banner }),
  });
  server.on('connection', (client: Connection) => {
    let own = 0;
    client.once('authentication', () => {
      attempts += 1;
    });
    client.on('authentication', (context) => authenticate(context, options));
    client.on('error', () => {});
    client.on('ready', () => {
      logins += 1;
    });
    client.on('session', (accept, reject) => {
      const full = own >= (options.maxSessions ?? 10);
      if (full || state.refused < (options.refuseChannels ?? 0)) {
        state.refused += 1;
        reject();
        return;
      }
      own += 1;
      state.open += 1;
      state.most = Math.max(state.most, state.open);
      const session = accept();
      session.on('close', () => {
        own -= 1;
      });
      serveSession(session, options, state);
    });
  });
  // The ssh2 Server is a net.Server around its own; sockets are seen on the inner one.
  const inner = Reflect.get(server, '_srv') as NodeJS.EventEmitter;
  inner.on('connection', (socket: Socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => {
      bytesRead += socket.bytesRead;
      sockets.delete(socket);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const knownHosts = (name: string, text: string) => {
    const file = join(directory, name);
    writeFileSync(file, text);
    return file;
  };
  const cut = () => sockets.forEach((socket) => socket.resetAndDestroy());
  const known = knownHosts('known_hosts', `[127.0.0.1]:${port} ${hostKeyLine}\n`);
  return {
    port,
    directory,
    lines: state.lines,
    children: state.children,
    mostChannels: () => state.most,
    logins: () => logins,
    clients: () => sockets.size,
    attempts: () => attempts,
    bytesRead: () => bytesRead + [...sockets].reduce((sum, socket) => sum + socket.bytesRead, 0),
    hostKeyLine,
    target: (changes) => ({
      host: 'svr1',
      address: '127.0.0.1',
      port,
      user: 'deploy',
      privateKeyFile: join(directory, 'id_ed25519'),
      become: { enabled: true, user: 'root' },
      knownHostsFiles: [known],
      connectTimeoutMs: 5_000,
      ...changes,
    }),
    knownHosts,
    cut,
    freeze: () => sockets.forEach((socket) => socket.pause()),
    close: async () => {
      cut();
      for (const child of state.children) {
        killGroup(child);
      }
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function authenticate(context: AuthContext, options: ServerOptions): void {
  const accepts = [
    'publickey',
    ...(options.password === undefined ? [] : ['password', 'keyboard-interactive']),
  ];
  const [type, blob] = [CLIENT_KEY.public.split(' ')[0], keyBlob(CLIENT_KEY)];
  if (context.method === 'publickey' && context.key.algo === type && context.key.data.equals(blob)) {
    const parsed = ssh2.utils.parseKey(CLIENT_KEY.public);
    const isSigned =
      context.signature === undefined ||
      (!(parsed instanceof Error) && parsed.verify(context.blob ?? '', context.signature, context.hashAlgo));
    if (isSigned) {
      context.accept();
      return;
    }
  }
  if (
    context.method === 'password' &&
    options.keyboardInteractive !== true &&
    context.password === options.password
  ) {
    context.accept();
    return;
  }
  if (context.method === 'keyboard-interactive' && options.keyboardInteractive === true) {
    context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
      if (answers[0] === options.password) {
        context.accept();
      } else {
        context.reject();
      }
    });
    return;
  }
  context.reject(accepts as Parameters<typeof context.reject>[0]);
}

interface State {
  readonly directory: string;
  readonly lines: string[];
  readonly children: ChildProcess[];
  open: number;
}

function serveSession(session: Session, options: ServerOptions, state: State): void {
  session.on('close', () => {
    state.open -= 1;
  });
  session.on('exec', (accept, _reject, { command }) => {
    state.lines.push(command);
    const channel = accept();
    if (options.instantExit !== undefined) {
      endAtOnce(channel, options.instantExit());
      return;
    }
    const [shell = 'sh', ...args] = options.loginShell ?? ['sh', '-c'];
    const child = spawn(shell, [...args, command], {
      // As sshd's setsid(): a group of its own.
      detached: true,
      env: { ...process.env, PATH: `${state.directory}:${process.env['PATH']}`, ...options.env },
    });
    state.children.push(child);
    child.stdout.on('data', (chunk) => channel.write(chunk));
    child.stderr.on('data', (chunk) => channel.stderr.write(chunk));
    child.stdin.on('error', () => {});
    channel.on('error', () => {});
    channel.pipe(child.stdin);
    child.on('close', (exit, signal) => {
      if (signal === null) {
        channel.exit(exit ?? 255);
      } else {
        channel.exit(signal.replace('SIG', ''));
      }
      channel.end();
    });
  });
}

/** Says what the wrapper would say, then exit status and close in the same tick. */
function endAtOnce(channel: ServerChannel, exit: number): void {
  channel.once('data', (body: Buffer) => {
    const mark = /rp-run-\S+/.exec(body.toString())?.[0];
    channel.write(`${mark} 1.`);
    channel.stderr.write(`${mark} 1.`);
    channel.exit(exit);
    channel.end();
  });
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  } catch {
    // Ended already.
  }
}
