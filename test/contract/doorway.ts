import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { enterCommand, labPaths } from '../../scripts/lab/index.ts';
import type { Target } from '../../src/core/inventory.ts';

/** A way to the sshd of a lab host for a process outside the lab's network. */
export interface Doorway {
  readonly target: Target;
  close(): Promise<void>;
}

// Without noDelay every command would wait 40 ms for the acknowledgement of the one before.
const RELAY =
  "const s = require('net').connect({ host: process.argv[1], port: 22, noDelay: true });" +
  'process.stdin.pipe(s).pipe(process.stdout)';

/** Opens a port of this machine's loopback; a process inside the lab's network carries each connection on. */
export async function doorTo(lab: string, host: string, address: string): Promise<Doorway> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    const [file = '', ...args] = enterCommand(lab, [process.execPath, '-e', RELAY, address]);
    const relay = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    socket.pipe(relay.stdin).on('error', () => {});
    relay.stdout.pipe(socket).on('error', () => {});
    socket.on('close', () => relay.kill());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const paths = labPaths(lab);
  return {
    target: {
      host,
      address: '127.0.0.1',
      port,
      user: 'deploy',
      privateKeyFile: paths.privateKey,
      become: { enabled: true, user: 'root' },
      knownHostsFiles: [knownHosts(lab, address, port)],
      connectTimeoutMs: 5000,
    },
    async close() {
      for (const socket of sockets) {
        socket.destroy();
      }
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** The lab's own host keys, under the address they are met at here. */
function knownHosts(lab: string, address: string, port: number): string {
  const { knownHosts: file, stateDir } = labPaths(lab);
  const keys = readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [names = '', ...key] = line.split(' ');
      return names.split(',').includes(address) ? [`[127.0.0.1]:${port} ${key.join(' ')}\n`] : [];
    });
  const own = join(stateDir, `known_hosts.${port}`);
  writeFileSync(own, keys.join(''));
  return own;
}
