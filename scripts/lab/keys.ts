import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { step } from './error.ts';
import { local } from './local.ts';
import { hostPaths, type LabPaths } from './paths.ts';
import type { LabHost } from './state.ts';

/** The types of key each host has. */
export const HOST_KEY_TYPES = ['ed25519', 'ecdsa'];

/**
 * Makes the lab's client key and the host keys, those that are not there yet, and writes known_hosts.
 *
 * Made before the hosts boot, so they are trusted by construction; a reset host keeps its keys.
 */
export async function makeKeys(paths: LabPaths, hosts: readonly LabHost[]): Promise<void> {
  const wanted = [{ type: 'ed25519', file: paths.privateKey, comment: `lab-${paths.name}` }];
  for (const host of hosts) {
    const dir = hostPaths(paths, host.name).sshKeys;
    await mkdir(dir, { recursive: true, mode: 0o700 });
    for (const type of HOST_KEY_TYPES) {
      wanted.push({ type, file: join(dir, `ssh_host_${type}_key`), comment: `root@${host.name}` });
    }
  }
  await step('SSH keys of the lab: not made', 'see whether the disk is full: df -h /var/lib', () =>
    Promise.all(
      // The public half is written last: without it the pair is not whole.
      wanted
        .filter(({ file }) => !existsSync(`${file}.pub`))
        .map(
          ({ type, file, comment }) =>
            local`rm -f ${file}; ssh-keygen -q -t ${type} -N '' -C ${comment} -f ${file}`,
        ),
    ),
  );
  await writeKnownHosts(paths, hosts);
}

async function writeKnownHosts(paths: LabPaths, hosts: readonly LabHost[]): Promise<void> {
  const lines: string[] = [];
  for (const host of hosts) {
    for (const type of HOST_KEY_TYPES) {
      const file = join(hostPaths(paths, host.name).sshKeys, `ssh_host_${type}_key.pub`);
      const [algorithm, key] = (await readFile(file, 'utf8')).split(' ');
      lines.push(`${host.address} ${algorithm} ${key}`);
    }
  }
  await writeFile(paths.knownHosts, `${lines.join('\n')}\n`, { mode: 0o600 });
}
