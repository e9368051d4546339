import { writeFile } from 'node:fs/promises';
import { baseTree } from './base.ts';
import { cgroupName, setFrozen } from './cgroup.ts';
import { removeLab } from './down.ts';
import { LabError } from './error.ts';
import { makeKeys } from './keys.ts';
import { withLock } from './lock.ts';
import { running, start } from './machine.ts';
import { makeNetwork, setLink } from './network.ts';
import { mountOverlay, personalise } from './overlay.ts';
import { requirePackages, requireRoot } from './packages.ts';
import { hostPaths, labName, labPaths, type LabPaths } from './paths.ts';
import { waitBooted, waitSsh } from './ready.ts';
import { DEFAULT_RELEASE } from './recipe.ts';
import { currentBootId, readState, type LabHost, type LabState, type RecordedHost } from './state.ts';

/** The hosts of a lab when none are named: the reference addresses. */
export const DEFAULT_HOSTS: readonly LabHost[] = [
  { name: 'svr1', address: '172.25.254.131' },
  { name: 'svr2', address: '172.25.254.132' },
];

export interface LabUpOptions {
  readonly name?: string;
  /** Default: the hosts the lab has, or DEFAULT_HOSTS. */
  readonly hosts?: readonly LabHost[];
  /** One line for each step, for a person to read. */
  readonly onProgress?: (line: string) => void;
}

/** What a lab looks like once it is up. */
export interface LabUpResult {
  readonly hosts: readonly LabHost[];
  /** Units that failed while booting, as `host unit`; normally none. */
  readonly degraded: readonly string[];
}

/**
 * Brings a lab up, and returns when every host has booted and answers on SSH.
 *
 * Idempotent: what runs is left alone; what is off is booted, frozen thawed, unplugged plugged in; what a
 * reboot of the machine left is cleared.
 * About 25 s when the base tree has to be built, 1 s when it is cached (2 cores).
 *
 * @throws LabError not root, packages missing, other hosts recorded, or a step failed
 */
export async function labUp({
  name = labName(),
  hosts,
  onProgress = () => {},
}: LabUpOptions = {}): Promise<LabUpResult> {
  requireRoot();
  requirePackages();
  const paths = labPaths(name);
  return withLock(paths.stateDir, 15 * 60_000, async () => {
    await removeStale(paths, onProgress);
    const state = await record(paths, hosts, onProgress);
    await makeKeys(paths, state.hosts);
    await makeNetwork(paths);
    const degraded = await Promise.all(
      state.hosts.map((host) => bootHost(paths, host, state.hosts, onProgress)),
    );
    return { hosts: state.hosts, degraded: degraded.flat() };
  });
}

/** Boots one recorded host if it is off, thaws it and plugs it in if not, and waits for it; failed units as `host unit`. */
export async function bootHost(
  paths: LabPaths,
  host: RecordedHost,
  all: readonly RecordedHost[],
  onProgress: (line: string) => void = () => {},
): Promise<readonly string[]> {
  const startedMs = performance.now();
  const wasOn = running(paths, host.name) !== undefined;
  if (wasOn) {
    await setFrozen(cgroupName(paths.name, host.name), false);
  } else {
    onProgress(`${host.name}: booting`);
    await mountOverlay(host.base, hostPaths(paths, host.name));
    await personalise(paths, host, all);
    await start(paths, host.name);
  }
  const { leader, failed } = await waitBooted(paths, host.name);
  if (wasOn) await setLink(paths, leader.pid, 'up');
  await waitSsh(paths, host);
  onProgress(
    `${host.name}: up at ${host.address} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`,
  );
  return failed.map((unit) => `${host.name} ${unit}`);
}

async function removeStale(paths: LabPaths, onProgress: (line: string) => void): Promise<void> {
  const state = readState(paths);
  if (state === undefined || state.bootId === currentBootId()) return;
  onProgress(`lab ${paths.name}: clearing what was left from before the machine rebooted`);
  await removeLab(paths, { keepDirectory: true });
}

async function record(
  paths: LabPaths,
  asked: readonly LabHost[] | undefined,
  onProgress: (line: string) => void,
): Promise<LabState> {
  const known = readState(paths);
  if (known !== undefined) {
    const differs = (asked ?? []).length > 0 && describe(asked ?? []) !== describe(known.hosts);
    if (!differs) return known;
    throw new LabError({
      what: `lab ${paths.name}: is there with other hosts`,
      why: `it has ${describe(known.hosts)}; asked for ${describe(asked ?? [])}`,
      hint: 'take it down first, or use another name (RUN_PLAYBOOK_LAB)',
    });
  }
  const hosts: RecordedHost[] = [];
  for (const { name, address, release = DEFAULT_RELEASE } of asked ?? DEFAULT_HOSTS) {
    const base = await baseTree(paths.cacheDir, release, onProgress);
    hosts.push({ name, address, release, base });
  }
  const state: LabState = { bootId: currentBootId(), hosts };
  await writeFile(paths.stateFile, `${JSON.stringify(state, undefined, 2)}\n`);
  return state;
}

function describe(hosts: readonly LabHost[]): string {
  return hosts
    .map(({ name, address, release = DEFAULT_RELEASE }) => `${name} ${address} ${release}`)
    .join(', ');
}
