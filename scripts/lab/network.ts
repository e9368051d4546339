import { existsSync } from 'node:fs';
import { step } from './error.ts';
import { local } from './local.ts';
import type { LabPaths } from './paths.ts';

/** The client's side of the lab: the bridge's own address. */
export const CLIENT_ADDRESS = '172.25.254.1/24';

export const BRIDGE = 'br0';

/**
 * Makes the lab's network namespace with its bridge, if it is not there.
 *
 * No route leads out, so nothing can leak. The bridge's MAC is fixed, or it would change with
 * every port that comes or goes and leave stale ARP entries on the hosts.
 */
export async function makeNetwork(paths: LabPaths): Promise<void> {
  if (existsSync(paths.netnsFile)) {
    const found = await local({ nothrow: true })`ip -n ${paths.netns} link show ${BRIDGE}`;
    if (found.exitCode === 0) return;
    await removeNetwork(paths);
  }
  await step(
    `network namespace ${paths.netns}: not made`,
    'see whether the kernel has bridge and veth: modprobe -a bridge veth',
    async () => {
      await local`
      ip netns add ${paths.netns}
      ip -n ${paths.netns} link set lo up
      ip -n ${paths.netns} link add ${BRIDGE} address 02:00:ac:19:fe:01 type bridge forward_delay 0 stp_state 0 mcast_snooping 0
      ip -n ${paths.netns} address add ${CLIENT_ADDRESS} dev ${BRIDGE}
      ip -n ${paths.netns} link set ${BRIDGE} up`;
    },
  );
}

/** Removes the lab's network namespace; what is in it goes with it. */
export async function removeNetwork(paths: LabPaths): Promise<void> {
  if (!existsSync(paths.netnsFile)) return;
  const hint = `see who holds it: ip netns pids ${paths.netns}`;
  await step(
    `network namespace ${paths.netns}: not removed`,
    hint,
    () => local`ip netns delete ${paths.netns}`,
  );
}

/** Pulls (`down`) or plugs in (`up`) the cable of the host whose PID 1 is `leader`: the bridge's end of its veth. */
export async function setLink(paths: LabPaths, leader: number, state: 'up' | 'down'): Promise<void> {
  const hint = `see the links: ip -n ${paths.netns} link`;
  await step(`cable of the container ${leader}: not ${state}`, hint, async () => {
    // host0's iflink is the number of its peer: true whatever the name was cut to.
    const seen = await local`nsenter --target ${leader} --net ip -oneline link show dev host0`;
    const index = /^\d+: host0@if(\d+):/m.exec(seen.stdout)?.[1];
    if (index === undefined) throw new Error(`no peer in: ${seen.stdout}`);
    const links = await local`ip -n ${paths.netns} -oneline link show master ${BRIDGE}`;
    const peer = new RegExp(`^${index}: ([^@:]+)[@:]`, 'm').exec(links.stdout)?.[1];
    if (peer === undefined) throw new Error(`no port ${index} on ${BRIDGE}: ${links.stdout}`);
    await local`ip -n ${paths.netns} link set ${peer} ${state}`;
  });
}
