import { cgroupName, isFrozen } from './cgroup.ts';
import { running } from './machine.ts';
import { labName, labPaths } from './paths.ts';
import { readState, readText } from './state.ts';

// sysconf(_SC_CLK_TCK): 100 on every Linux this runs on.
const TICKS_PER_SECOND = 100;

/** One host as it is now. */
export interface HostStatus {
  readonly name: string;
  readonly address: string;
  readonly release: string;
  readonly state: 'running' | 'off' | 'frozen';
  /** When its PID 1 started; absent while off. */
  readonly bootedAt?: Date;
  /** Its PID 1 as this machine numbers it; changes at each boot. */
  readonly leaderPid?: number;
}

/** Every host of a lab as it is now; empty when there is no such lab. */
export function labStatus({ name = labName() }: { readonly name?: string } = {}): readonly HostStatus[] {
  const paths = labPaths(name);
  return (readState(paths)?.hosts ?? []).map(({ name: host, address, release }) => {
    const leader = running(paths, host)?.leader;
    if (leader === undefined) return { name: host, address, release, state: 'off' };
    const state = isFrozen(cgroupName(name, host)) ? 'frozen' : 'running';
    return {
      name: host,
      address,
      release,
      state,
      bootedAt: startedAt(leader.startTicks),
      leaderPid: leader.pid,
    };
  });
}

function startedAt(ticks: number): Date {
  const bootSeconds = Number(/^btime (\d+)$/m.exec(readText('/proc/stat') ?? '')?.[1]);
  return new Date((bootSeconds + ticks / TICKS_PER_SECOND) * 1000);
}
