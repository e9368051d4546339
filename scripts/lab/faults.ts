import { cgroupName, setFrozen } from './cgroup.ts';
import { LabError } from './error.ts';
import { withLock } from './lock.ts';
import { cut, running, stop } from './machine.ts';
import { setLink } from './network.ts';
import { wipeOverlay } from './overlay.ts';
import { hostPaths, labPaths, type LabPaths } from './paths.ts';
import { readState, type LabState, type RecordedHost } from './state.ts';
import { bootHost } from './up.ts';

const LOCK_MS = 120_000;

/** Cuts the power of `host`, and returns when nothing of it runs. What it wrote stays. */
export async function powerLoss(name: string, host: string): Promise<void> {
  const { paths } = find(name, host);
  await withLock(paths.stateDir, LOCK_MS, () => cut(paths, host));
}

/** Shuts `host` down in order, and returns when it is off; after 20 s its power is cut. */
export async function shutdown(name: string, host: string): Promise<void> {
  const { paths } = find(name, host);
  await withLock(paths.stateDir, LOCK_MS, () => stop(paths, host));
}

/** Boots `host`, and returns when it answers on SSH. Running already: only waits. */
export async function boot(name: string, host: string): Promise<void> {
  const { paths, state, recorded } = find(name, host);
  await withLock(paths.stateDir, LOCK_MS, () => bootHost(paths, recorded, state.hosts));
}

/** Makes `host` a bare host again and boots it. Address and SSH host keys stay, the machine id is new. */
export async function reset(name: string, host: string): Promise<void> {
  const { paths, state, recorded } = find(name, host);
  await withLock(paths.stateDir, LOCK_MS, async () => {
    await cut(paths, host);
    await wipeOverlay(hostPaths(paths, host));
    await bootHost(paths, recorded, state.hosts);
  });
}

/** Pulls the network cable of `host`: it and the rest of the lab no longer see each other. */
export async function linkDown(name: string, host: string): Promise<void> {
  const { paths } = find(name, host);
  await setLink(paths, leaderPid(paths, host), 'down');
}

/** Plugs the network cable of `host` in again. */
export async function linkUp(name: string, host: string): Promise<void> {
  const { paths } = find(name, host);
  await setLink(paths, leaderPid(paths, host), 'up');
}

/** Stops every process of `host` where it is, as a stalled VM; its address no longer answers. */
export async function freeze(name: string, host: string): Promise<void> {
  const { paths } = find(name, host);
  leaderPid(paths, host);
  await setFrozen(cgroupName(name, host), true);
}

/** Lets a frozen `host` go on. */
export async function thaw(name: string, host: string): Promise<void> {
  const { paths } = find(name, host);
  leaderPid(paths, host);
  await setFrozen(cgroupName(name, host), false);
}

/** The paths, the record of the lab and of `host`. */
export function find(
  name: string,
  host: string,
): { paths: LabPaths; state: LabState; recorded: RecordedHost } {
  const paths = labPaths(name);
  const state = readState(paths);
  const recorded = state?.hosts.find((one) => one.name === host);
  if (state !== undefined && recorded !== undefined) return { paths, state, recorded };
  throw new LabError({
    what: `${host}: not a host of lab ${name}`,
    why: state ? `it has ${state.hosts.map((one) => one.name).join(', ')}` : 'there is no such lab',
    hint: 'bring the lab up first: run-playbook lab up',
  });
}

function leaderPid(paths: LabPaths, host: string): number {
  const leader = running(paths, host)?.leader;
  if (leader !== undefined) return leader.pid;
  throw new LabError({
    what: `${host}: is off`,
    why: 'this fault needs a running host',
    hint: 'boot it first: run-playbook lab up',
  });
}
