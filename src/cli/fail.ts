import type { ExitCode } from '../core/error.ts';
import { failureOf } from './failure.ts';
import type { World } from './world.ts';

export interface FailOptions {
  readonly verbosity: number;
  /** Present when a document is expected on stdout, whatever happens. */
  readonly json?: { readonly playbook: string; readonly check: boolean; readonly ms: number };
}

/** Tells on stderr, and with `--json` on stdout too, why there is no result; the exit code. */
export async function fail(error: unknown, world: World, options: FailOptions): Promise<ExitCode> {
  const { exit, troubles } = failureOf(error, options.verbosity);
  const [{ inkOn }, { troubleText }] = await Promise.all([
    import('./ink-on.ts'),
    import('../report/trouble-text.ts'),
  ]);
  const ink = inkOn('stderr', world);
  world.stderr.write(troubles.map((trouble) => `${troubleText(trouble, ink)}\n`).join('\n'));
  if (options.json !== undefined) {
    const { failureDocument, printedDocument } = await import('../report/document.ts');
    const document = failureDocument({ ...options.json, exit, errors: troubles });
    world.stdout.write(printedDocument(document, ink.masked));
  }
  return exit;
}
