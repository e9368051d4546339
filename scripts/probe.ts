import { startProber, type ProberOptions } from '../src/watch/prober.ts';

/**
 * A prober as a process of its own, for the network namespace of the lab.
 *
 * Its argument is ProberOptions as JSON. Prints every sample as one line of JSON, then the report;
 * stops when its stdin ends, and so also when whoever started it is gone.
 */
const options = JSON.parse(process.argv[2] ?? '{}') as ProberOptions;
const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const prober = startProber({ ...options, onSample: (sample) => print({ sample }) });
process.stdin.once('end', () => void prober.stop()).resume();
print({ report: await prober.report });
process.stdin.destroy();
