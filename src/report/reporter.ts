import type { Listener } from '../core/event.ts';
import type { LintFinding } from '../core/lint.ts';
import type { HostPlan } from '../core/plan.ts';
import type { RunResult } from '../core/result.ts';

/** Tells a person or a program about a run; it hears everything and influences nothing. */
export interface Reporter {
  readonly listener: Listener;
  /** Shows what was planned, before it is done; resolves when it has been written. */
  plan(): Promise<void>;
  /** One line that is not an event of the run, such as that an interrupt was heard. */
  note(line: string): void;
  /** Tells how it ended; nothing is written afterwards. */
  end(result: RunResult): Promise<void>;
  /** Ends the display of a run that has no result, because it threw. */
  abandon(): Promise<void>;
}

/** How a run is shown while it goes on, on stderr. */
export interface Progress {
  readonly listener: Listener;
  note(line: string): void;
  /** Leaves the terminal as it was, so that something else can be written; the next event may begin anew. */
  clear(): Promise<void>;
}

/** What is going to be done, and what should be known before. */
export interface Planned {
  readonly plans: readonly HostPlan[];
  readonly warnings: readonly LintFinding[];
}

/** What a run leaves behind, on stdout. */
export interface Outcome {
  plan(planned: Planned): Promise<void>;
  end(result: RunResult): Promise<void>;
}
