import { OK, type Action, type Resource } from '../core/resource.ts';
import type { Script } from '../core/script.ts';
import { outputOf, type Output } from '../queries/output.ts';

export interface TaskOptions {
  /** What holds when the task is done: `track file of nginx`. */
  readonly name: string;
  /** Read-only: its output and exit code are the answer. */
  readonly probe: Script;
  /** Whether the answer is as wanted; default: exit code 0. */
  readonly ok?: (answer: Output) => boolean;
  /** One line for the plan; default: `not as wanted -> done`. */
  readonly summary?: string | ((answer: Output) => string);
  readonly apply: Action;
  readonly undo?: Action;
  /** Why there is no `undo`; shown in the plan. */
  readonly cannotUndo?: string;
  /** For each command of a zx function, or for the whole Script; default one minute. */
  readonly timeoutMs?: number;
  /** A mistake here can cut the host off or move the virtual IP: the change is undone unless it is confirmed. */
  readonly guarded?: boolean;
  readonly needs?: readonly string[];
}

/**
 * An idempotent task of a role's own: the general door beside the built-in kinds.
 *
 * Manages: whatever `apply` changes.
 * Probe reads: what `probe` prints; it must change nothing.
 * Change writes: `apply`, a Script or a zx function run on the host as root.
 * Undo: `undo`, or the reason why there is none.
 * Does not manage: anything its probe does not see.
 */
export function task(options: TaskOptions): Resource {
  const { name, apply, undo, ok = (answer) => answer.exit === 0 } = options;
  const query = outputOf(options.probe);
  return {
    id: `task ${name}`,
    kind: 'task',
    needs: options.needs ?? [],
    reads: { answer: query },
    plan(seen) {
      const answer = seen.answer(query);
      if (ok(answer)) {
        return OK;
      }
      const { summary = 'not as wanted -> done' } = options;
      return {
        is: 'change',
        change: {
          summary: typeof summary === 'string' ? summary : summary(answer),
          apply,
          ...(options.guarded === true && { guarded: true }),
          ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
          ...(undo === undefined
            ? { cannotUndo: options.cannotUndo ?? 'the task declares no undo' }
            : { undo }),
        },
      };
    },
  };
}
