import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { enterCommand } from '../../../scripts/lab/index.ts';
import type { ProbeReport, ProberOptions } from '../../../src/watch/prober.ts';
import type { Sample } from '../../../src/watch/sample.ts';
import { VIP } from './pair.ts';
import { until } from './until.ts';

const PROBE = fileURLToPath(new URL('../../../dist/scripts/probe.js', import.meta.url));

/** Answers in a row after which the service is back. */
const STEADY = 10;

/** Clients of the VIP, on the client's side of the lab's bridge. */
export interface Clients {
  /** Waits until requests sent from now on are answered. */
  served(timeoutMs?: number): Promise<void>;
  stop(): Promise<ProbeReport>;
}

/** Starts a prober of the VIP's port 80, a request each 20 ms; resolves once it is answered. */
export async function startClients(name: string, options: Partial<ProberOptions> = {}): Promise<Clients> {
  const wanted: ProberOptions = { address: VIP, ports: [80], intervalMs: 20, maxMs: 120_000, ...options };
  const [file = '', ...args] = enterCommand(name, [process.execPath, PROBE, JSON.stringify(wanted)]);
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const samples: Sample[] = [];
  let report: ProbeReport | undefined;
  const closed = once(child, 'close');
  const lines = createInterface(child.stdout).on('line', (line) => {
    const told = JSON.parse(line) as { readonly sample: Sample } | { readonly report: ProbeReport };
    if ('sample' in told) {
      samples.push(told.sample);
    } else {
      ({ report } = told);
    }
  });
  const read = once(lines, 'close');

  async function served(timeoutMs = 15_000): Promise<void> {
    const since = Math.max(0, ...samples.map(({ sentMs }) => sentMs));
    await until('the VIP answers', timeoutMs, () => {
      const last = samples.toSorted((a, b) => a.sentMs - b.sentMs).slice(-STEADY);
      return (
        last.length === STEADY &&
        last.every(({ sentMs, outcome }) => sentMs > since && outcome.is === 'answered')
      );
    });
  }

  async function stop(): Promise<ProbeReport> {
    child.stdin.end();
    const [[code]] = (await Promise.all([closed, read])) as [[number | null], unknown];
    if (report === undefined) {
      throw new Error(`the prober ended with ${code} and no report`);
    }
    return report;
  }

  await served();
  return { served, stop };
}

/** The longest run of failed requests, in seconds. */
export function outageSeconds({ ports, latestMs }: ProbeReport): number {
  const outage = Math.max(...ports.map(({ longestGapMs }) => longestGapMs)) / 1000;
  if (latestMs > 200) {
    process.stderr.write(`the prober itself was late by ${Math.round(latestMs)} ms\n`);
  }
  return outage;
}

/** One line for the test's output: a figure that can be quoted. */
export function tell(what: string, report: ProbeReport): void {
  const [port] = report.ports;
  const reasons = [...new Set(port?.lost.map(({ reason }) => reason))].join(', ');
  process.stdout.write(
    `    measured  ${what}: outage ${outageSeconds(report).toFixed(2)} s, ` +
      `${port?.lost.length} of ${port?.sent} lost${reasons && ` (${reasons})`}, ` +
      `p99 ${port?.p99Ms?.toFixed(1)} ms, prober late by ${report.latestMs.toFixed(0)} ms at most\n`,
  );
}
