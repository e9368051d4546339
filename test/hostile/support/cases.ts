import * as fc from 'fast-check';

/** Of each property; more of them by RUN_PLAYBOOK_CASES. */
export const CASES = Number(process.env['RUN_PLAYBOOK_CASES'] || 10_000);

/** Given back by a failure, to see it again. */
const SEED = process.env['RUN_PLAYBOOK_SEED'];

interface Amount {
  /** What part of `CASES` is enough, where each of them costs a process or a file. */
  readonly share?: number;
  /** How many cases one run of the property is. */
  readonly perRun?: number;
}

/**
 * Runs a property on `CASES` cases.
 *
 * @throws Error it does not hold; the message says what for, and with which seed
 */
export async function holds<Given>(
  property: fc.IRawProperty<Given>,
  { share = 1, perRun = 1 }: Amount = {},
): Promise<void> {
  const details = await fc.check(property, {
    numRuns: Math.ceil((CASES * share) / perRun),
    // Half a second for each smaller batch is too much; whoever throws says which of its cases it was.
    endOnFailure: perRun > 1,
    ...(SEED !== undefined && { seed: Number(SEED) }),
  });
  if (!details.failed) {
    return;
  }
  const given = perRun > 1 ? 'one of a batch' : fc.stringify(details.counterexample);
  const { errorInstance: cause } = details;
  const why = cause instanceof Error ? cause.message : String(cause);
  throw new Error(`RUN_PLAYBOOK_SEED=${details.seed}, after ${details.numRuns} runs, ${given}: ${why}`, {
    cause,
  });
}

/** Batches of `size` cases, for what is checked in one process or one file. */
export function batch<T>(one: fc.Arbitrary<T>, size: number): fc.Arbitrary<readonly T[]> {
  return fc.array(one, { minLength: size, maxLength: size });
}

/** @throws Error naming the first that is not what it should be */
export function expectSame(found: readonly unknown[], wanted: readonly unknown[]): void {
  const at = wanted.findIndex((value, index) => found[index] !== value);
  if (at >= 0 || found.length !== wanted.length) {
    const [is, should] = [found[at], wanted[at]].map((value) => JSON.stringify(value));
    throw new Error(`${found.length} of ${wanted.length} arrived; the ${at + 1}. is ${is}, not ${should}`);
  }
}

/** Vitest's own matchers take longer than what they check here. @throws Error */
export function ensure(condition: boolean, what: string): void {
  if (!condition) {
    throw new Error(what);
  }
}

/** The message with which something is refused; undefined when it is not. */
export function refusalOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @throws Error it is not refused, or in other words */
export function ensureRefused(action: () => unknown, words: string): void {
  const refusal = refusalOf(action);
  ensure(
    refusal?.includes(words) === true,
    `it should be refused with "${words}", and ${refusal ?? 'is not'}`,
  );
}

/** For a test: a machine on which others work is no reason to fail. */
export const PATIENT = { timeout: 120_000 };
