import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DrillResult, SkippedFault } from '../core/drill.ts';
import { EXIT, type ExitCode } from '../core/error.ts';
import type { Fault } from '../core/fault.ts';
import { mergeHistory, writeHistory } from '../drill/history.ts';
import type { DrillFailure } from '../report/drill-document.ts';
import type { DrillCommand } from './command.ts';
import { inkOn } from './ink-on.ts';
import type { World } from './world.ts';

export interface OutcomeOptions {
  readonly command: DrillCommand;
  /** Where the next drill finds what this one saw. */
  readonly file: string;
  /** The command that shows whether all is as declared. */
  readonly verify: string;
  readonly note: (text: string) => void;
}

/** Prints what a drill found in the form that was asked for, and keeps it for the next one. */
export async function tellDrill(result: DrillResult, options: OutcomeOptions, world: World): Promise<void> {
  const { command, file, note, verify } = options;
  const ink = inkOn('stdout', world);
  try {
    await writeHistory(file, mergeHistory(result.before, result.rows, result.startedAt));
  } catch (error) {
    note(`the next drill will have nothing to compare with: ${messageOf(error)}`);
  }
  if (command.markdown !== undefined) {
    const { drillMarkdown } = await import('../report/drill-markdown.ts');
    const page = drillMarkdown(result, ink);
    if (command.markdown === true) {
      world.stdout.write(page);
    } else {
      await writeFile(resolve(world.cwd, command.markdown), page);
    }
  }
  if (command.json) {
    const [{ drillDocument }, { printedDocument }] = await Promise.all([
      import('../report/drill-document.ts'),
      import('../report/document.ts'),
    ]);
    world.stdout.write(printedDocument(drillDocument(result), ink.masked));
  } else if (command.markdown !== true) {
    const { drillText } = await import('../report/drill-text.ts');
    world.stdout.write(drillText(result, ink, verify));
  }
}

/** Prints what a drill can do on this cluster. */
export async function printList(
  faults: readonly Fault[],
  skipped: readonly SkippedFault[],
  world: World,
): Promise<ExitCode> {
  const { faultListText } = await import('../report/drill-list.ts');
  const ink = inkOn('stdout', world);
  const reasons = new Map(skipped.map(({ fault, reason }) => [fault, reason]));
  world.stdout.write(faultListText(faults, reasons, ink));
  return EXIT.converged;
}

/** Prints the document of a drill that broke nothing. */
export async function printFailure(failure: DrillFailure, world: World): Promise<void> {
  const [{ failedDrillDocument }, { printedDocument }] = await Promise.all([
    import('../report/drill-document.ts'),
    import('../report/document.ts'),
  ]);
  const { masked } = inkOn('stdout', world);
  world.stdout.write(printedDocument(failedDrillDocument(failure), masked));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
