import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as tcp, createServer, type Server, type Socket } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { EXIT, Unreachable } from '../../src/core/error.ts';
import { rawScript } from '../../src/core/script.ts';
import { Secret } from '../../src/core/secret.ts';
import { connect } from '../../src/transport/index.ts';
import { expandHome } from '../../src/transport/home.ts';
import { everythingOf, rejection } from './host.ts';
import { makeKey, startServer, type ServerOptions, type TestServer } from './server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const others: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(others.splice(0).map((close) => close()));
});

async function another(options: ServerOptions): Promise<TestServer> {
  const made = await startServer(options);
  others.push(() => made.close());
  return made;
}

/** A TCP server that speaks no SSH. */
async function listen(onSocket: (socket: Socket) => void): Promise<{ port: number; server: Server }> {
  const sockets = new Set<Socket>();
  const made = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  made.listen(0, '127.0.0.1');
  await once(made, 'listening');
  others.push(async () => {
    sockets.forEach((socket) => socket.destroy());
    made.close();
  });
  return { port: (made.address() as AddressInfo).port, server: made };
}

describe('a login', () => {
  test('with a key, or a password, or a password asked for by keyboard-interactive', async () => {
    await (await connect(server.target())).close();
    const password = new Secret('pa ss');
    const login = { privateKeyFile: undefined, password };
    const plain = await another({ password: 'pa ss' });
    await (await connect(plain.target(login))).close();
    const asking = await another({ password: 'pa ss', keyboardInteractive: true });
    await (await connect(asking.target(login))).close();
  });

  test('with a password where the key is not accepted', async () => {
    const file = `${server.directory}/stranger`;
    writeFileSync(file, makeKey().private);
    const both = await another({ password: 'pa ss' });
    const target = both.target({ privateKeyFile: file, password: new Secret('pa ss') });
    await (await connect(target)).close();
  });

  test('through a banner and lines before the version', async () => {
    const noisy = await another({ banner: 'Authorized use only!\r\n', greeting: 'Hello\r\nWorld' });
    const connection = await connect(noisy.target());
    expect((await connection.exec(rawScript('echo quiet'), { timeoutMs: 3_000 })).stdout.toString()).toBe(
      'quiet\n',
    );
    await connection.close();
  });

  test('refused says who, with what, what the host accepts, and never the password', async () => {
    const both = await another({ password: 'right' });
    const target = both.target({ privateKeyFile: undefined, password: new Secret('wr0ng') });
    const error = await rejection(connect(target), Unreachable);
    expect(error.exit).toBe(EXIT.unreachable);
    expect(error.trouble).toMatchObject({
      host: 'svr1',
      what: 'the host does not let deploy in',
      why: ['it refused the password', 'it accepts: publickey, password, keyboard-interactive'],
      hint: 'check ansible_user and ansible_password',
    });
    expect(everythingOf(error)).not.toContain('wr0ng');
    expect(both.attempts()).toBe(1);
  });

  test('refused with a key says how to allow it', async () => {
    const file = `${server.directory}/unknown`;
    writeFileSync(file, makeKey().private);
    const error = await rejection(connect(server.target({ privateKeyFile: file })), Unreachable);
    expect(error.trouble.hint).toContain(`ssh-copy-id -i ${file} -p ${server.port} deploy@127.0.0.1`);
  });

  test.each([
    ['missing', undefined, /ENOENT/],
    ['garbage', 'not a key', /Cannot parse privateKey/],
    ['a public key', makeKey().public, /private key/],
  ])('with a key file that is %s says so', async (name, text, says) => {
    const file = `${server.directory}/key-${name.replaceAll(' ', '-')}`;
    if (text !== undefined) {
      writeFileSync(file, text);
    }
    const error = await rejection(connect(server.target({ privateKeyFile: file })), Unreachable);
    expect(error.trouble.why?.join()).toMatch(says);
    expect(error.trouble.hint).toContain('ansible_ssh_private_key_file');
  });

  test('with an encrypted key says that it is not supported yet', async () => {
    const file = `${server.directory}/encrypted`;
    const cipher = { passphrase: 'x', cipher: 'aes256-ctr', rounds: 1 };
    writeFileSync(file, ssh2.utils.generateKeyPairSync('ed25519', cipher).private);
    const error = await rejection(connect(server.target({ privateKeyFile: file })), Unreachable);
    expect(error.trouble.what).toContain('is encrypted');
    writeFileSync(file, '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n');
    await expect(connect(server.target({ privateKeyFile: file }))).rejects.toThrow('is encrypted');
  });

  test('without a named key uses the first of ~/.ssh that has no passphrase', async () => {
    const home = mkdtempSync(join(tmpdir(), 'home-'));
    vi.stubEnv('HOME', home);
    mkdirSync(join(home, '.ssh'));
    writeFileSync(join(home, '.ssh/id_ed25519'), '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n');
    copyFileSync(server.target().privateKeyFile ?? '', join(home, '.ssh/id_ecdsa'));
    const connection = await connect(server.target({ privateKeyFile: undefined }));
    await connection.close();
    rmSync(home, { recursive: true });
    vi.unstubAllEnvs();
  });

  test('with nothing says what to set', async () => {
    vi.stubEnv('HOME', server.directory);
    const error = await rejection(connect(server.target({ privateKeyFile: undefined })), Unreachable);
    vi.unstubAllEnvs();
    expect(error.trouble.what).toBe('there is nothing to log in with');
  });

  test('a path may begin with ~', () => {
    expect(expandHome('~/.ssh/id')).toBe(`${homedir()}/.ssh/id`);
    expect(expandHome('/a/~/b')).toBe('/a/~/b');
  });
});

describe('a host that does not answer', () => {
  test('by refusing is tried again, then named with address and port', async () => {
    const { port, server: closed } = await listen(() => {});
    closed.close();
    const startedAt = performance.now();
    const options = { retries: 2, backOffMs: 20 };
    const error = await rejection(connect(server.target({ port }), options), Unreachable);
    expect(performance.now() - startedAt).toBeGreaterThan(55);
    expect(error.trouble.what).toBe(`no SSH connection to 127.0.0.1 port ${port}`);
    expect(error.trouble.why?.join()).toContain('ECONNREFUSED');
    expect(error.trouble.hint).toContain('systemctl status ssh');
  });

  test('on any of the addresses of its name says so for each', async () => {
    const { port, server: closed } = await listen(() => {});
    closed.close();
    const target = server.target({ address: 'localhost', port });
    const error = await rejection(connect(target, { retries: 0 }), Unreachable);
    expect(error.trouble.why?.every((line) => line.includes('ECONNREFUSED'))).toBe(true);
  });

  test('by closing at once is tried again, as a restarting sshd does', async () => {
    let dropped = 0;
    const relay = await listen((socket) => {
      if (dropped < 2) {
        dropped += 1;
        socket.resetAndDestroy();
        return;
      }
      const upstream = tcp(server.port, '127.0.0.1').on('error', () => {});
      socket.pipe(upstream).pipe(socket);
    });
    const known = server.knownHosts('relay', `[127.0.0.1]:${relay.port} ${server.hostKeyLine}`);
    const target = server.target({ port: relay.port, knownHostsFiles: [known] });
    const connection = await connect(target, { backOffMs: 5 });
    expect(dropped).toBe(2);
    await connection.close();
    dropped = 0;
    await rejection(connect(target, { retries: 1, backOffMs: 5 }), Unreachable);
  });

  test('by staying silent ends at the deadline', async () => {
    const { port } = await listen(() => {});
    const startedAt = performance.now();
    const error = await rejection(connect(server.target({ port, connectTimeoutMs: 150 })), Unreachable);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(error.trouble.hint).toContain('does not finish the SSH handshake');
  });

  test('by speaking something else says what was heard', async () => {
    const { port } = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const error = await rejection(connect(server.target({ port }), { backOffMs: 5 }), Unreachable);
    expect(error.trouble.why?.join()).toMatch(/handshake|identification|protocol/i);
  });

  test('like a black hole ends at the deadline', async () => {
    // A stopped process whose queue is full: the kernel drops what comes then.
    const source =
      'require("net").createServer().listen({port:0,host:"127.0.0.1",backlog:1},function(){console.log(this.address().port)})';
    const hole = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [printed] = (await once(hole.stdout, 'data')) as [Buffer];
    hole.kill('SIGSTOP');
    const port = Number(printed.toString());
    const fill = [1, 2, 3].map(() => tcp(port, '127.0.0.1').on('error', () => {}));
    others.push(async () => {
      fill.forEach((socket) => socket.destroy());
      hole.kill('SIGKILL');
    });
    await Promise.all(fill.slice(0, 2).map((socket) => once(socket, 'connect')));
    const error = await rejection(connect(server.target({ port, connectTimeoutMs: 200 })), Unreachable);
    expect(error.trouble.why).toEqual([`no answer from 127.0.0.1 port ${port} within 0.2 s`]);
    expect(error.trouble.hint).toContain('firewalls');
  });

  test('because its name does not resolve', async () => {
    const error = await rejection(
      connect(server.target({ address: 'svr1.invalid' }), { retries: 0 }),
      Unreachable,
    );
    expect(error.trouble.hint).toContain('ansible_host');
  });

  test('with algorithms we know', async () => {
    const old = await another({ algorithms: { kex: ['diffie-hellman-group-exchange-sha256'] } });
    const error = await rejection(connect(old.target()), Unreachable);
    expect(error.trouble.hint).toContain('diffie-hellman-group-exchange');
  });
});

describe('what is offered', () => {
  test('is neither SHA-1, nor CBC, nor a group exchange', async () => {
    const { port } = await listen((socket) => {
      socket.write('SSH-2.0-OpenSSH_9.2\r\n');
      socket.on('data', (chunk) => offers.push(chunk));
    });
    const offers: Buffer[] = [];
    await rejection(connect(server.target({ port, connectTimeoutMs: 150 })), Unreachable);
    const offer = Buffer.concat(offers).toString('latin1');
    expect(offer).toContain('curve25519-sha256');
    expect(offer).toMatch(/aes128-gcm@openssh\.com,aes256-gcm@openssh\.com/);
    expect(offer).not.toMatch(/group-exchange|sha1|-cbc|ssh-rsa|ssh-dss|zlib/);
  });
});
