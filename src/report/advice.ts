import { EXIT } from '../core/error.ts';
import type { HostResult, RunResult } from '../core/result.ts';
import { isTooMuchLost, isUncounted } from '../core/watch.ts';
import { hostNames } from './phrases.ts';

/** The command line of another run like this one, such as `run-playbook phase1 --check -l svr1`. */
export type CommandLine = (wanted: {
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly limit?: readonly string[];
}) => string;

export interface Advice {
  readonly say: string;
  /** To be copied, so never to be broken into lines. */
  readonly command?: string;
}

/** What to do now; undefined when there is nothing left to do. */
export function advice(result: RunResult, command: CommandLine): Advice | undefined {
  const failed = hostsThat(result, 'failed', 'unreachable');
  const limit = failed.length > 0 && failed.length < result.hosts.length ? failed : [];
  const look = command({ check: true, diff: true });
  const again = command({ check: result.check });
  switch (result.exit) {
    case EXIT.converged:
      return result.hosts.some((host) => host.status === 'changed')
        ? { say: 'Whether anything drifts from now on:', command: command({ check: true }) }
        : undefined;
    case EXIT.changesPending:
      return { say: result.check ? 'To apply:' : 'Nothing was applied. To apply:', command: command({}) };
    case EXIT.failed:
      if (failed.length === 0 && (isTooMuchLost(result.watch) || isUncounted(result.watch))) {
        return { say: 'All is changed. Whether it is as declared now:', command: command({ check: true }) };
      }
      return {
        say: 'Fix what is named above, then see what is left:',
        command: command({ check: true, diff: true, limit }),
      };
    case EXIT.rolledBack:
      return {
        say: `The changes on ${hostNames(failed)} were taken back. Fix what is named above, then run again:`,
        command: again,
      };
    case EXIT.unreachable:
      return { say: `Make ${hostNames(failed)} reachable, then run again:`, command: again };
    case EXIT.locked:
      return { say: 'Wait for the other run to end, then run again:', command: again };
    case EXIT.planStale:
      return { say: 'Not as it was when the plan was made. See what would be done now:', command: look };
    case EXIT.degraded:
      return {
        say: 'The service is degraded. Once it is repaired, verify:',
        command: command({ check: true }),
      };
    case EXIT.interrupted:
      return { say: 'Interrupted. See what is left to do:', command: look };
    case EXIT.invalidInput:
      return { say: 'Nothing was touched. Correct what is named above, then run again.' };
  }
}

function hostsThat(result: RunResult, ...statuses: readonly HostResult['status'][]): readonly string[] {
  return result.hosts.filter((host) => statuses.includes(host.status)).map((host) => host.host);
}
