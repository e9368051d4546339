import type { DrillResult, KeptRow, SkippedFault } from '../core/drill.ts';
import { EXIT, type ExitCode } from '../core/error.ts';
import type { Fault } from '../core/fault.ts';
import type { WatchTarget } from '../core/watch.ts';
import type { DrillHost } from './host.ts';
import { inspect } from './inspect.ts';
import { rowsOf } from './judge.ts';
import { refuseArmed, requireWhole } from './preflight.ts';
import { Rounds, type Ending } from './rounds.ts';
import type { Site } from './site.ts';

/** What is to be drilled. */
export interface DrillOrder {
  readonly playbook: string;
  readonly faults: readonly Fault[];
  readonly skipped: readonly SkippedFault[];
  readonly targets: readonly WatchTarget[];
  /** Requests per second to each target. */
  readonly perSecond: number;
  /** How often each fault happens on each host. */
  readonly repeat: number;
  /** What the drill before saw. */
  readonly before: readonly KeptRow[];
  /** The command that makes the hosts as declared. */
  readonly remedy: string;
  /** Asked once, with whole hosts; `false` ends the drill before anything is broken. */
  readonly confirm: () => Promise<boolean>;
}

/**
 * Breaks the cluster one fault after the other, each on every host in turn, and tells what clients noticed.
 *
 * What goes wrong once something was broken is in the result.
 *
 * @throws InvalidInput the cluster is not whole; nothing was broken
 * @throws Unreachable, Locked before anything was broken
 */
export async function runDrill(order: DrillOrder, site: Site): Promise<DrillResult> {
  const startedAt = Date.now();
  const started = performance.now();
  site.listener({ type: 'inspecting' });
  const rounds = new Rounds(order.faults, order.repeat, site);
  const { isWanted, ending } = await performed(order, rounds, site);
  const { playbook, targets, perSecond, repeat, skipped, before } = order;
  const rows = [...rounds.trials].flatMap(([fault, trials]) => rowsOf(fault, trials));
  const isPassed = rows.every(({ verdict }) => verdict === 'passed');
  const exit: ExitCode = ending?.exit ?? (isPassed ? EXIT.converged : EXIT.degraded);
  return {
    playbook,
    exit: site.signal.aborted || !isWanted ? EXIT.interrupted : exit,
    hosts: site.hosts.map(({ name }) => name),
    targets,
    perSecond,
    repeat,
    rows,
    skipped,
    troubles: ending === undefined ? [] : [ending.trouble],
    before,
    startedAt,
    ms: performance.now() - started,
  };
}

async function performed(
  { playbook, remedy, confirm }: DrillOrder,
  rounds: Rounds,
  site: Site,
): Promise<{ readonly isWanted: boolean; readonly ending?: Ending | undefined }> {
  const { hosts, listener, signal } = site;
  try {
    await everyHost(hosts, refuseArmed);
    requireWhole(await inspect(site), playbook, remedy);
    if (signal.aborted || !(await confirm())) {
      return { isWanted: false };
    }
    await everyHost(hosts, (host) => host.begin());
    listener({ type: 'drill-started', hosts: hosts.map(({ name }) => name), trials: rounds.total });
    return { isWanted: true, ending: await rounds.run() };
  } finally {
    await Promise.all(hosts.map((host) => host.end()));
  }
}

/** Waits for all, also when one fails: what is half begun could not be ended. */
async function everyHost(
  hosts: readonly DrillHost[],
  work: (host: DrillHost) => Promise<void>,
): Promise<void> {
  const ended = await Promise.allSettled(hosts.map(work));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
}
