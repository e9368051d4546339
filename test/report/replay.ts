import { Secret } from '../../src/core/secret.ts';
import { createReporter, type ReporterOptions } from '../../src/report/create-reporter.ts';
import type { Recording } from './recordings.ts';
import { Sink } from './sink.ts';

export const UTF8 = { LANG: 'C.UTF-8' };

export interface ReplayOptions extends Partial<ReporterOptions> {
  readonly env?: NodeJS.ProcessEnv;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What a reporter writes when it hears a recorded run, and what it shows before the changes. */
export async function replay(
  { events, result }: Recording,
  { env = UTF8, isTTY = false, columns = 80, ...options }: ReplayOptions = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const stdout = new Sink({ isTTY, columns });
  const stderr = new Sink({ isTTY, columns });
  const reporter = await createReporter(
    {
      form: 'plain',
      diff: false,
      verbosity: 0,
      secrets: [new Secret('swordfish')],
      showsPlan: false,
      command: ({ check, diff, limit = [] }) =>
        [
          'run-playbook phase1',
          ...(check ? ['--check'] : []),
          ...(diff ? ['--diff'] : []),
          ...(limit.length > 0 ? ['-l', limit.join(',')] : []),
        ].join(' '),
      ...options,
    },
    { stdout: stdout.stream, stderr: stderr.stream, env },
  );
  const isApplied = events.some((event) => event.type === 'host-started');
  for (const event of events) {
    reporter.listener(event);
    if (event.type === 'planned' && isApplied) {
      await reporter.plan();
    }
  }
  await reporter.end(result);
  return { stdout: stdout.text, stderr: stderr.text };
}
