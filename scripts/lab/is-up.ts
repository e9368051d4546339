import { existsSync } from 'node:fs';
import { hostPaths, labPaths } from './paths.ts';
import { leaderOf, recordedProcess } from './process.ts';
import { currentBootId, readState } from './state.ts';

/**
 * Whether the network of lab `name` exists and PID 1 of each of its hosts is alive.
 *
 * Synchronous, no process started, under 2 ms. A frozen host counts as up, one between two boots does not.
 */
export function isLabUp(name: string): boolean {
  const paths = labPaths(name);
  if (!existsSync(paths.netnsFile)) return false;
  const state = readState(paths);
  if (state === undefined || state.bootId !== currentBootId()) return false;
  return state.hosts.every((host) => {
    const keeper = recordedProcess(hostPaths(paths, host.name).pidFile);
    return keeper !== undefined && leaderOf(keeper) !== undefined;
  });
}
