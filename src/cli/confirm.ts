import { pendingSteps, type HostPlan } from '../core/plan.ts';
import { count, hostNames } from '../report/phrases.ts';
import type { RunCommand } from './command.ts';
import { isCI, type World } from './world.ts';

/** Whether a person is there to be asked, and did not say yes beforehand. */
export function isAsked(command: RunCommand, isLab: boolean, world: World): boolean {
  // The lab's hosts are there to be thrown away.
  return isPersonThere(world) && !command.yes && !isLab;
}

/** Whether somebody sees a question and can answer it. */
export function isPersonThere({ stdin, stderr, env }: World): boolean {
  return stdin.isTTY && stderr.isTTY && !isCI(env);
}

/** `Apply 12 changes to svr1, svr2?` */
export function question(plans: readonly HostPlan[]): string {
  const changes = plans.reduce((sum, plan) => sum + pendingSteps(plan).length, 0);
  return `Apply ${count(changes, 'change')} to ${hostNames(plans.map((plan) => plan.host))}?`;
}

/** Whether the answer was yes; an empty one, the end of input and an interrupt are no. */
export async function ask(text: string, world: World, signal: AbortSignal): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  // In a terminal of readline's own Ctrl-C would be a key and never become a signal.
  const lines = createInterface({ input: world.stdin, output: world.stderr, terminal: false });
  const ended = new AbortController();
  let isAnswered = false;
  lines.once('close', () => {
    world.stderr.write(signal.aborted || isAnswered ? '' : '\n');
    ended.abort();
  });
  try {
    const answer = await lines.question(`${text} [y/N] `, {
      signal: AbortSignal.any([signal, ended.signal]),
    });
    isAnswered = true;
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') {
      return false;
    }
    throw error;
  } finally {
    lines.close();
  }
}
