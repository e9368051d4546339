import { ProcessOutput } from 'zx/core';

/** Why the lab could not do something, and what to do now. */
export class LabError extends Error {
  override readonly name = 'LabError';
  readonly what: string;
  readonly why: string;
  readonly hint: string;

  constructor(fields: {
    readonly what: string;
    readonly why: string;
    readonly hint: string;
    readonly cause?: unknown;
  }) {
    super(
      `${fields.what}\n  why   ${fields.why.trim().replaceAll('\n', '\n        ')}\n  do    ${fields.hint}`,
      {
        cause: fields.cause,
      },
    );
    this.what = fields.what;
    this.why = fields.why;
    this.hint = fields.hint;
  }
}

/** Runs one step; a command failing in it becomes a LabError that says which step and what to do. */
export async function step<T>(what: string, hint: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof LabError) throw error;
    throw new LabError({ what, why: reason(error), hint, cause: error });
  }
}

function reason(error: unknown): string {
  if (!(error instanceof ProcessOutput)) return error instanceof Error ? error.message : String(error);
  const said = (error.stderr.trim() || error.stdout.trim()).split('\n').slice(-12).join('\n');
  const ended = error.signal ? `signal ${error.signal}` : `exit ${error.exitCode}`;
  return said ? `${said} (${ended})` : ended;
}
