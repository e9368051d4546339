import type { Outcome } from '../src/core/watch.ts';
import { LossTally } from '../src/watch/loss-tally.ts';
import type { ProbeMessage, ProbeOrder } from '../src/watch/message.ts';
import { startProber } from '../src/watch/prober.ts';

/**
 * A prober as a process of its own: it keeps its times whatever the run is busy with.
 *
 * Its argument is a ProbeOrder; what it prints are ProbeMessages, a line each. It stops when its stdin ends, and so
 * also when whoever started it is gone; signals that are meant for the run do not end it before that.
 */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {});
}
const { everySample = false, ...plan } = JSON.parse(process.argv[2] ?? '') as ProbeOrder;
const print = (message: ProbeMessage) => process.stdout.write(`${JSON.stringify(message)}\n`);
const tally = new LossTally((lost) => print({ lost }));
const first = new Map<number, Outcome>();

const prober = startProber({
  ...plan,
  onSample: (sample) => {
    if (!first.has(sample.target)) {
      first.set(sample.target, sample.outcome);
      if (first.size === plan.targets.length) {
        print({ first: plan.targets.flatMap((_, index) => first.get(index) ?? []) });
      }
    }
    tally.hear(sample);
    if (everySample) {
      print({ sample });
    }
  },
});
process.stdin.once('close', () => void prober.stop()).resume();
print({ report: await prober.report });
process.stdin.destroy();
