import { EXIT, InvalidInput, RunError, type ExitCode, type Trouble } from '../core/error.ts';

/** An error as the user is told about it. */
export interface Failure {
  readonly exit: ExitCode;
  readonly troubles: readonly Trouble[];
}

/**
 * What an error means for the user: everything to correct, or that it is our bug.
 *
 * @param verbosity a stack is told only when somebody asked to hear more
 */
export function failureOf(error: unknown, verbosity: number): Failure {
  if (error instanceof InvalidInput) {
    return { exit: error.exit, troubles: error.troubles };
  }
  if (error instanceof RunError) {
    return { exit: error.exit, troubles: [error.trouble] };
  }
  if (isLabError(error)) {
    const { what, why, hint } = error;
    return { exit: EXIT.failed, troubles: [{ what, why: why.trim().split('\n'), hint }] };
  }
  if (error instanceof Error && error.name === 'AbortError') {
    return { exit: EXIT.interrupted, troubles: [{ what: 'interrupted' }] };
  }
  return { exit: EXIT.failed, troubles: [bug(error, verbosity)] };
}

// The lab is not loaded just to recognise its errors.
function isLabError(
  error: unknown,
): error is { readonly what: string; readonly why: string; readonly hint: string } {
  return error instanceof Error && error.name === 'LabError' && 'why' in error;
}

function bug(error: unknown, verbosity: number): Trouble {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? '').split('\n').slice(1) : [];
  return {
    what: `this is a bug in run-playbook: ${message}`,
    why: verbosity > 0 && stack.length > 0 ? stack.map((line) => line.trim()) : undefined,
    hint:
      verbosity > 0 ? 'report it with what stands above' : 'run again with -v to see where, and report it',
  };
}
