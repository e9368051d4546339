import type { Action, Resource } from './resource.ts';

/** A change that was begun, as far as it takes to take it back. */
export interface Begun {
  readonly resource: Resource;
  /** Takes it back; absent when `stays` says why that cannot be. */
  readonly undo?: Action;
  readonly stays?: string;
  readonly timeoutMs: number;
  /** The host takes it back by itself unless it is confirmed. */
  readonly guarded: boolean;
}

/** What became of the changes of one host that were taken back. */
export interface Rollback {
  /** Ids, in the order taken back. */
  readonly undone: readonly string[];
  /** What stays by its nature, with why: `package nginx: packages are not removed or downgraded again`. */
  readonly stays: readonly string[];
  /** What should be as before and is not, with why. */
  readonly left: readonly string[];
}

/** Files come back first and services load them after, so that no service loads half of what was. */
const CLASSES: readonly string[] = ['files', 'service'];

/** When a change of this kind is taken back: lower first. */
export function undoClass(kind: string): number {
  const index = CLASSES.indexOf(kind);
  return index === -1 ? CLASSES.length : index;
}

/** The order in which changes are taken back: by class, within it the last first. */
export function undoOrder(begun: readonly Begun[]): readonly Begun[] {
  return begun.toReversed().toSorted((a, b) => undoClass(a.resource.kind) - undoClass(b.resource.kind));
}
