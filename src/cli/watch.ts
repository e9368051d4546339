import { InvalidInput } from '../core/error.ts';
import { roleFault } from '../core/role-fault.ts';
import type { ClusterHost, Playbook } from '../core/role.ts';
import type { WatchRequest, WatchTarget } from '../core/watch.ts';
import type { RunCommand } from './command.ts';

/** Requests per second to each target. */
const DEFAULT_RATE = 50;

/**
 * What is watched of a run; `undefined` when nothing is.
 *
 * @throws InvalidInput options that cannot be followed, or the playbook does not say what to watch
 */
export function watchOf(
  command: RunCommand,
  playbook: Playbook,
  cluster: readonly ClusterHost[],
): WatchRequest | undefined {
  const isWatched = command.watch ?? playbook.maxLost !== undefined;
  if (!isWatched) {
    refuseIdleOptions(command);
    return undefined;
  }
  const targets = targetsOf(playbook, cluster);
  if (targets.length === 0) {
    throw new InvalidInput([
      {
        what: `--watch: the playbook ${playbook.name} does not say what to watch`,
        hint: 'add watch(cluster) to it: the requests that clients make',
      },
    ]);
  }
  const { watchRate: perSecond = DEFAULT_RATE, maxLost = playbook.maxLost } = command;
  return {
    targets,
    perSecond,
    maxLost,
    start: async (onLost) => {
      const { startProberProcess } = await import('../watch/prober-process.ts');
      return startProberProcess({ targets, intervalMs: 1000 / perSecond }, { onLost });
    },
  };
}

/** Options that would be ignored without a word. */
function refuseIdleOptions({ watch, maxLost, watchRate }: RunCommand): void {
  const idle = [
    ...(maxLost === undefined ? [] : [`--max-lost ${maxLost}`]),
    ...(watchRate === undefined ? [] : [`--watch-rate ${watchRate}`]),
  ];
  const [given] = idle;
  if (given !== undefined) {
    const hint = watch === false ? 'leave out --no-watch' : 'add --watch';
    throw new InvalidInput([{ what: `${given}: nothing is watched`, hint }]);
  }
}

function targetsOf(playbook: Playbook, hosts: readonly ClusterHost[]): readonly WatchTarget[] {
  try {
    return playbook.watch?.({ hosts }) ?? [];
  } catch (error) {
    const hint = 'correct the playbook, or do without: --no-watch';
    throw new InvalidInput([{ resource: `playbook ${playbook.name}`, hint, ...roleFault(error) }]);
  }
}
