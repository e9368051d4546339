import type { Resource } from '../../src/core/resource.ts';
import type { Entry } from './snapshot.ts';

/** One state a host can be in, and what a resource must make of it. */
export interface State {
  /** What the host looks like: `a link in its place`. */
  readonly about: string;
  /** Brings a host that the resource has not touched into this state; as root, `sh -eu`. */
  readonly given: string;
  /** Takes what `given` did away again; also what cannot be undone. */
  readonly cleanUp?: string;
  readonly resource: Resource;
  readonly plan: 'ok' | 'change' | 'unknown';
  /** Every file that applying adds, removes or changes; directories and what packages bring aside. */
  readonly writes?: readonly string[];
  /** There is no undo, and the plan says why. */
  readonly cannotUndo?: true;
  /** Aspects of a file that undo cannot bring back, and why that is right. */
  readonly notRestored?: {
    readonly why: string;
    readonly ignored: (path: string, entry: Entry) => readonly (keyof Entry)[];
  };
  /** What of an answer undo cannot bring back, and why that is right. */
  readonly notReadBack?: { readonly why: string; readonly without: (answer: unknown) => unknown };
  /** Must hold on the host after applying. */
  readonly holds?: string;
}
