import { setTimeout as pause } from 'node:timers/promises';
import { LabError } from './error.ts';

/**
 * The first answer of `ask` that is not undefined.
 *
 * @throws LabError nothing came before the deadline; `why()` then says what was seen last
 */
export async function poll<T>(
  what: string,
  timeoutMs: number,
  { ask, why, hint }: { ask: () => Promise<T | undefined> | T | undefined; why: () => string; hint: string },
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) {
      throw new LabError({ what: `${what}: not within ${timeoutMs / 1000} s`, why: why(), hint });
    }
    await pause(20);
  }
}
