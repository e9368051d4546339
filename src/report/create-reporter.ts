import type { Secret } from '../core/secret.ts';
import type { CommandLine } from './advice.ts';
import { inkFor, mediumOf, type Ink } from './ink.ts';
import type { Outcome, Planned, Progress, Reporter } from './reporter.ts';

/** Who reads: a person at a terminal, a log, a program, or nobody. */
export type ReportForm = 'live' | 'plain' | 'json' | 'quiet';

export interface ReporterOptions {
  readonly form: ReportForm;
  readonly diff: boolean;
  /** Number of `-v`: 1 lists what is as declared too, 2 what each host cost on the network. */
  readonly verbosity: number;
  readonly command: CommandLine;
  readonly secrets: readonly Secret[];
  /** Whether somebody is asked about the plan, and must see it even where little else is shown. */
  readonly showsPlan: boolean;
}

export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
}

/** The reporter of a form; what another form needs is not loaded. */
export async function createReporter(options: ReporterOptions, streams: Streams): Promise<Reporter> {
  const { stdout, stderr, env } = streams;
  const inks = {
    stdout: inkFor(mediumOf(stdout, env), options.secrets),
    stderr: inkFor(mediumOf(stderr, env), options.secrets),
  };
  const progress = await progressOf(options, stderr, inks.stderr);
  const outcome = await outcomeOf(options, streams, inks);
  let planned: Planned = { plans: [], warnings: [] };
  return {
    listener: (event) => {
      planned = event.type === 'planned' ? event : planned;
      progress.listener(event);
    },
    note: progress.note,
    plan: async () => {
      await progress.clear();
      await outcome.plan(planned);
    },
    end: async (result) => {
      await progress.clear();
      await outcome.end(result);
    },
    abandon: () => progress.clear(),
  };
}

async function progressOf(options: ReporterOptions, stderr: NodeJS.WriteStream, ink: Ink): Promise<Progress> {
  const isSilent = options.form === 'quiet' || (options.form === 'json' && options.verbosity === 0);
  if (isSilent) {
    const note = (line: string) => void stderr.write(`${ink.yellow(ink.line(line))}\n`);
    return { listener: () => {}, note, clear: async () => {} };
  }
  if (options.form === 'live') {
    const { liveProgress } = await import('./live-progress.ts');
    return liveProgress(stderr, ink);
  }
  const { plainProgress } = await import('./plain-progress.ts');
  return plainProgress((text) => void stderr.write(text), ink);
}

async function outcomeOf(
  options: ReporterOptions,
  { stdout, stderr }: Streams,
  inks: { readonly stdout: Ink; readonly stderr: Ink },
): Promise<Outcome> {
  const { diff, verbosity, command, showsPlan } = options;
  const toStderr = (text: string) => void stderr.write(text);
  const toStdout = (text: string) => void stdout.write(text);
  const all = verbosity > 0;
  const plan = async (planned: Planned) => {
    if (showsPlan) {
      const { plannedText } = await import('./text-outcome.ts');
      toStderr(await plannedText(planned, inks.stderr, { diff, all }));
    }
  };
  if (options.form === 'json') {
    const { jsonOutcome } = await import('./json-outcome.ts');
    return { ...jsonOutcome(toStdout, inks.stdout, { diff }), plan };
  }
  if (options.form === 'quiet') {
    const { quietOutcome } = await import('./quiet-outcome.ts');
    return { ...quietOutcome(toStderr, inks.stderr), plan };
  }
  const { textOutcome } = await import('./text-outcome.ts');
  const traffic = verbosity > 1;
  return textOutcome(toStdout, inks.stdout, { diff, all, command, traffic });
}
