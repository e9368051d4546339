import { existsSync, readdirSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { purgeBaseTrees } from './base.ts';
import { cgroupName, removeCgroup } from './cgroup.ts';
import { withLock } from './lock.ts';
import { stop } from './machine.ts';
import { removeNetwork } from './network.ts';
import { unmountOverlay } from './overlay.ts';
import { requireRoot } from './packages.ts';
import { hostPaths, labName, labPaths, type LabPaths } from './paths.ts';

export interface LabDownOptions {
  readonly name?: string;
  /** Also remove the cached base trees, those no other lab stands on. */
  readonly purgeCache?: boolean;
}

/**
 * Shuts a lab down and removes it; of it nothing is left but the cached base trees.
 *
 * A host that does not shut down in 20 s loses its power. No lab of that name: nothing happens.
 *
 * @throws LabError not root, or something would not go away, and what holds it
 */
export async function labDown({ name = labName(), purgeCache = false }: LabDownOptions = {}): Promise<void> {
  requireRoot();
  const paths = labPaths(name);
  if (existsSync(paths.stateDir) || existsSync(paths.netnsFile)) {
    await withLock(paths.stateDir, 60_000, () => removeLab(paths));
  }
  if (purgeCache) await purgeBaseTrees(paths.cacheDir);
}

/** Removes a lab whose lock is held; `keepDirectory` when it is about to be made anew. */
export async function removeLab(paths: LabPaths, { keepDirectory = false } = {}): Promise<void> {
  const hostsDir = join(paths.stateDir, 'hosts');
  const hosts = existsSync(hostsDir) ? readdirSync(hostsDir) : [];
  await Promise.all(hosts.map((host) => stop(paths, host)));
  await removeCgroup(cgroupName(paths.name));
  for (const host of hosts) await unmountOverlay(hostPaths(paths, host));
  await removeNetwork(paths);
  for (const entry of readdirSync(paths.stateDir)) {
    await rm(join(paths.stateDir, entry), { recursive: true, force: true });
  }
  if (keepDirectory) return;
  await rmdir(paths.stateDir);
  // Other labs may live beside this one: then their folder stays.
  await rmdir(dirname(paths.stateDir)).catch(() => {});
}
