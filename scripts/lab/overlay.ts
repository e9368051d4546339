import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { step } from './error.ts';
import { HOST_KEY_TYPES } from './keys.ts';
import { local } from './local.ts';
import { hostPaths, type HostPaths, type LabPaths } from './paths.ts';
import { readText, type RecordedHost } from './state.ts';

const HINT =
  'overlayfs does not stack on overlayfs: put the lab on a real file system or a tmpfs with RUN_PLAYBOOK_LAB_DIR';

/**
 * Mounts the host's tree: what it wrote so far over its base tree.
 *
 * `volatile` leaves out every fsync (Linux 5.10): a power loss here ends processes, never the machine's page cache.
 */
export async function mountOverlay(base: string, { upper, work, root }: HostPaths): Promise<void> {
  if (isMounted(root)) return;
  await step(`overlay ${root}: not mounted`, HINT, async () => {
    await rm(work, { recursive: true, force: true });
    await local`
      mkdir -p ${upper} ${work} ${root}
      mount -t overlay overlay -o lowerdir=${base},upperdir=${upper},workdir=${work},volatile ${root} 2>/dev/null ||
      mount -t overlay overlay -o lowerdir=${base},upperdir=${upper},workdir=${work} ${root}`;
  });
}

/** Unmounts the host's tree; what it wrote stays in `upper`. */
export async function unmountOverlay({ root }: HostPaths): Promise<void> {
  if (!isMounted(root)) return;
  await step(
    `overlay ${root}: not unmounted`,
    `see who uses it: fuser -vm ${root}`,
    () => local`umount ${root}`,
  );
}

/** Forgets everything the host wrote: the next mount shows the base tree. */
export async function wipeOverlay(host: HostPaths): Promise<void> {
  await unmountOverlay(host);
  for (const path of [host.personalised, host.upper, host.work])
    await rm(path, { recursive: true, force: true });
}

/** Whether something is mounted at `root`. */
export function isMounted(root: string): boolean {
  return (readText('/proc/self/mountinfo') ?? '').includes(` ${root} `);
}

/** Writes into a mounted tree, once, what makes it this host: name, address, machine id, keys. */
export async function personalise(
  paths: LabPaths,
  host: RecordedHost,
  all: readonly RecordedHost[],
): Promise<void> {
  const { root, sshKeys, personalised } = hostPaths(paths, host.name);
  if (existsSync(personalised)) return;
  const names = all.map(({ address, name }) => `${address} ${name}\n`).join('');
  const files: Readonly<Record<string, string>> = {
    'etc/hostname': `${host.name}\n`,
    'etc/hosts': `127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n\n${names}`,
    'etc/machine-id': `${randomBytes(16).toString('hex')}\n`,
    // No IPv6: its duplicate address detection would hold network-online.target up.
    'etc/systemd/network/10-host0.network': `[Match]\nName=host0\n\n[Network]\nAddress=${host.address}/24\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n`,
  };
  for (const [path, text] of Object.entries(files)) await writeFile(join(root, path), text);
  for (const type of HOST_KEY_TYPES) {
    const name = `ssh_host_${type}_key`;
    for (const file of [name, `${name}.pub`])
      await copyFile(join(sshKeys, file), join(root, 'etc/ssh', file));
  }
  await authorise(root, await readFile(`${paths.privateKey}.pub`, 'utf8'));
  await writeFile(personalised, '');
}

async function authorise(root: string, publicKey: string): Promise<void> {
  const [, uid, gid] =
    /^deploy:[^:]*:(\d+):(\d+):/m.exec(await readFile(join(root, 'etc/passwd'), 'utf8')) ?? [];
  const dir = join(root, 'home/deploy/.ssh');
  const file = join(dir, 'authorized_keys');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writeFile(file, publicKey, { mode: 0o600 });
  for (const path of [dir, file]) await chown(path, Number(uid), Number(gid));
}
