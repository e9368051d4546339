import type { Script } from './script.ts';

/** What one part of the probe printed, undecoded, and how it ended. */
export interface Frame {
  readonly stdout: Buffer;
  readonly exit: number;
}

/**
 * A way of reading hosts that answers many keys at once: all `file` keys of a host cost one `stat`,
 * all units one `systemctl show`.
 */
export interface Family<T> {
  readonly name: string;
  /** It waits more than it works: it is begun first, and goes on while the others are asked. */
  readonly waits?: boolean;
  /** Read-only POSIX scripts, one frame each, that together answer all keys. */
  scripts(keys: readonly string[]): readonly Script[];
  /**
   * The answer of each key.
   *
   * @param frames one per script, same order
   * @throws ProbeIncomplete a key has no answer: planning on half a picture would report a false "ok"
   */
  parse(frames: readonly Frame[], keys: readonly string[]): ReadonlyMap<string, T>;
}

/** One thing to be read from a host, such as the state of one file. */
export interface Query<T> {
  readonly family: Family<T>;
  readonly key: string;
}

/** Named queries of one resource or check. */
export type Reads = Readonly<Record<string, Query<unknown>>>;

/** The answers to Reads, under the same names. */
export type Answers<R extends Reads> = { readonly [K in keyof R]: R[K] extends Query<infer T> ? T : never };

/** Everything one probe of a host answered. */
export interface Seen {
  /** @throws ProbeIncomplete when the query was not part of the probe */
  answer<T>(query: Query<T>): T;
}

/** The answers to `reads` taken from what was seen. */
export function answersFor<R extends Reads>(reads: R, seen: Seen): Answers<R> {
  const entries = Object.entries(reads).map(([name, query]) => [name, seen.answer(query)]);
  return Object.fromEntries(entries) as Answers<R>;
}

/** A part of the probe did not come back, or came back unreadable. */
export class ProbeIncomplete extends Error {
  override readonly name = 'ProbeIncomplete';
  readonly missing: string;

  constructor(missing: string) {
    super(`the probe's answer is incomplete: ${missing}`);
    this.missing = missing;
  }
}

/**
 * A reader that ended otherwise than by saying what is there, killed for want of memory for instance, saw nothing:
 * that is no "absent".
 *
 * @param most the highest exit code with which the command still answers
 * @throws ProbeIncomplete it ended with a higher one
 */
export function refuseFailed(command: string, frame: Frame | undefined, most: number): void {
  if (frame === undefined || frame.exit > most) {
    throw new ProbeIncomplete(`${command} ended with exit code ${frame?.exit}`);
  }
}
