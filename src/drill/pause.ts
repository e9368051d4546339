import { setTimeout as sleep } from 'node:timers/promises';

/** @throws what the signal was aborted with, at once */
export async function pauseFor(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  try {
    await sleep(Math.max(0, ms), undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
