import { setTimeout as pause } from 'node:timers/promises';

/**
 * The first answer that is not undefined or false.
 *
 * @throws Error none came in time; with what `why` saw last
 */
export async function until<T>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  why: () => string = () => '',
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) {
      return answer;
    }
    if (performance.now() > deadline) {
      throw new Error(`${what}: not within ${timeoutMs / 1000} s; ${why()}`);
    }
    await pause(20);
  }
}
