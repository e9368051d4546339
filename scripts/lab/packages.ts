import { existsSync } from 'node:fs';
import { LabError, step } from './error.ts';
import { local } from './local.ts';

// Each package by one file that only it brings: cheaper than asking dpkg, and true for locally built tools as well.
const NEEDED: Readonly<Record<string, string>> = {
  mmdebstrap: '/usr/bin/mmdebstrap',
  'systemd-container': '/usr/bin/systemd-nspawn',
  iproute2: '/bin/ip',
  'openssh-client': '/usr/bin/ssh-keygen',
  'debian-archive-keyring': '/usr/share/keyrings/debian-archive-keyring.gpg',
};

/** The apt packages the lab needs that this machine lacks; empty when it is ready. */
export function missingPackages(): readonly string[] {
  return Object.entries(NEEDED).flatMap(([name, file]) => (existsSync(file) ? [] : [name]));
}

/**
 * Installs `names` on this machine with apt, package lists updated first.
 *
 * @throws LabError apt failed: no network, no root, or not Debian or Ubuntu
 */
export async function installPackages(names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  requireRoot();
  const hint = `install by hand, then try again: apt-get update && apt-get install ${names.join(' ')}`;
  await step('packages for the lab: apt-get failed', hint, async () => {
    await local({ timeout: '10m' })`apt-get --quiet update`;
    await local({ timeout: '10m' })`apt-get --yes --quiet --no-install-recommends install ${names}`;
  });
}

/** Throws unless this process may make a lab: root on Linux. */
export function requireRoot(): void {
  if (process.platform === 'linux' && process.getuid?.() === 0) return;
  throw new LabError({
    what: 'the lab needs root on Linux',
    why: `this is ${process.platform}, user id ${process.getuid?.() ?? 'unknown'}`,
    hint: 'run as root, or point -i at your own servers',
  });
}

/** Throws unless every package the lab needs is installed. */
export function requirePackages(): void {
  const missing = missingPackages();
  if (missing.length === 0) return;
  throw new LabError({
    what: 'the lab needs packages this machine does not have',
    why: missing.join(', '),
    hint: `install them: apt-get update && apt-get install --no-install-recommends ${missing.join(' ')}`,
  });
}
