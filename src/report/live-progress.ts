import { Board } from './board.ts';
import type { Ink } from './ink.ts';
import type { View } from './listr-view.ts';
import type { Progress } from './reporter.ts';

/** A run that is over before is not shown at all: it would only flicker, and pay for loading listr2. */
const SHOW_AFTER_MS = 300;

/** A view of all hosts that is redrawn in place, for a terminal. */
export function liveProgress(output: NodeJS.WriteStream, ink: Ink): Progress {
  const board = new Board(ink);
  let timer: NodeJS.Timeout | undefined;
  let view: View | undefined;
  // Opening and closing take turns: both wait for listr2.
  let turn: Promise<void> = Promise.resolve();

  const open = async () => {
    const { openView } = await import('./listr-view.ts');
    if (timer !== undefined) {
      view = openView(board, output, ink);
    }
  };
  const close = async () => {
    await view?.close();
    view = undefined;
  };
  // A display that fails must not fail the run.
  const inTurn = (step: () => Promise<void>) => {
    turn = turn.then(step).catch(() => {});
    return turn;
  };
  const clear = () => {
    clearTimeout(timer);
    timer = undefined;
    return inTurn(close);
  };

  return {
    listener: (event) => {
      board.hear(event);
      if (event.type === 'planned') {
        void clear();
      } else {
        timer ??= setTimeout(() => void inTurn(open), SHOW_AFTER_MS);
      }
    },
    note: (line) => {
      if (view === undefined) {
        output.write(`${ink.yellow(ink.line(line))}\n`);
      } else {
        board.note(ink.line(line));
      }
    },
    clear: async () => {
      await clear();
      for (const note of board.takeNotes()) {
        output.write(`${ink.yellow(note)}\n`);
      }
    },
  };
}
