import { enterCommand } from '../../../scripts/lab/index.ts';
import type { WatchReport } from '../../../src/core/watch.ts';
import type { ProberPlan } from '../../../src/watch/prober.ts';
import { startProberProcess } from '../../../src/watch/prober-process.ts';
import type { Sample } from '../../../src/watch/sample.ts';
import { VIP } from './pair.ts';
import { until } from './until.ts';

/** Answers in a row after which the service is back. */
const STEADY = 10;

/** Clients of the VIP, on the client's side of the lab's bridge. */
export interface Clients {
  /** Waits until requests sent to the first target from now on are answered. */
  served(timeoutMs?: number): Promise<void>;
  stop(): Promise<WatchReport>;
}

/** Starts a prober of the VIP's port 80, a request each 20 ms; resolves once it is answered. */
export async function startClients(name: string, options: Partial<ProberPlan> = {}): Promise<Clients> {
  const targets = [{ address: VIP, port: 80, path: '/', host: VIP }];
  const samples: Sample[] = [];
  const prober = await startProberProcess(
    { targets, intervalMs: 20, maxMs: 120_000, ...options, everySample: true },
    {
      command: (argv) => enterCommand(name, argv),
      onSample: (sample) => samples.push(sample),
    },
  );

  async function served(timeoutMs = 15_000): Promise<void> {
    const since = Math.max(0, ...samples.map(({ sentMs }) => sentMs));
    await until('the VIP answers', timeoutMs, () => {
      const last = samples
        .filter(({ target }) => target === 0)
        .toSorted((a, b) => a.sentMs - b.sentMs)
        .slice(-STEADY);
      return (
        last.length === STEADY &&
        last.every(({ sentMs, outcome }) => sentMs > since && outcome.is === 'answered')
      );
    });
  }

  await served();
  return { served, stop: () => prober.stop() };
}

/** The longest run of failed requests, in seconds. */
export function outageSeconds({ targets, latestMs }: WatchReport): number {
  const outage = Math.max(...targets.map(({ longestGapMs }) => longestGapMs)) / 1000;
  if (latestMs > 200) {
    process.stderr.write(`the prober itself was late by ${Math.round(latestMs)} ms\n`);
  }
  return outage;
}

/** One line for the test's output: a figure that can be quoted. */
export function tell(what: string, report: WatchReport): void {
  const [target] = report.targets;
  const reasons = Object.keys(target?.reasons ?? {}).join(', ');
  process.stdout.write(
    `    measured  ${what}: outage ${outageSeconds(report).toFixed(2)} s, ` +
      `${target?.lost} of ${target?.sent} lost${reasons && ` (${reasons})`}, ` +
      `p99 ${target?.p99Ms?.toFixed(1)} ms, prober late by ${report.latestMs.toFixed(0)} ms at most\n`,
  );
}
