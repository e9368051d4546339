import { once } from 'node:events';
import {
  DefaultRenderer,
  Listr,
  ListrLogger,
  ProcessOutput,
  Spinner,
  type ListrDefaultRendererOptions,
  type ListrDefaultRendererTask,
  type ListrEventManager,
} from 'listr2';
import type { Board, BoardRow } from './board.ts';
import type { Ink } from './ink.ts';

/** A drawn board; it stays on the screen until closed, and then nothing of it is left. */
export interface View {
  close(): Promise<void>;
}

interface Drawing {
  readonly board: Board;
  readonly ink: Ink;
}

const REDRAW_MS = 100;
const WORTH_WATCHING: readonly (BoardRow['state'] | undefined)[] = [
  undefined,
  'waiting',
  'done',
  'skipped',
  'failed',
  'running',
];

/**
 * Draws the board with listr2, as it is at the time of each redraw; its rows stay those it has now.
 *
 * The cursor comes back however the process ends, `process.exit` included.
 */
export function openView(board: Board, output: NodeJS.WriteStream, ink: Ink): View {
  const terminal = new Terminal(output, output, { leaveEmptyLine: false });
  // What was written meanwhile, such as why the process ends, is held back by listr2 until then.
  const leave = () => {
    terminal.release();
    board
      .takeNotes()
      .slice(-1)
      .forEach((note) => output.write(`${note}\n`));
  };
  process.once('exit', leave);

  const closing = new AbortController();
  const closed = once(closing.signal, 'abort');
  const tasks = board.rows.map((row) => ({ title: row.title, task: () => closed }));
  const list = new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
    renderer: rendererOf({ board, ink }),
    rendererOptions: {
      clearOutput: true,
      formatOutput: 'truncate',
      logger: new ListrLogger({ processOutput: terminal, useIcons: true, toStderr: [] }),
      spinner: ink.unicode ? new Dots() : new Line(),
    },
  });
  const drawn = list.run();
  return {
    close: async () => {
      closing.abort();
      await drawn;
      process.removeListener('exit', leave);
    },
  };
}

/** The default renderer, but with the board's texts and marks, and redrawn at most every REDRAW_MS. */
function rendererOf({ board, ink }: Drawing) {
  return class BoardRenderer extends DefaultRenderer {
    // Progress goes to stderr, which is a terminal; listr2 asks whether stdout is one.
    static override nonTTY = true;

    readonly #tasks: ListrDefaultRendererTask[];
    readonly #keys: ReadonlyMap<ListrDefaultRendererTask, string | undefined>;
    #drawnAt = Infinity;

    constructor(
      tasks: ListrDefaultRendererTask[],
      options: ListrDefaultRendererOptions,
      events: ListrEventManager,
    ) {
      super(tasks, options, events);
      const keys = board.rows.map((row) => row.key);
      this.#tasks = tasks;
      this.#keys = new Map(tasks.map((task, index) => [task, keys[index]]));
    }

    override async render(): Promise<void> {
      await super.render();
      // Not at once: tasks are enabled one by one, and the first picture would show only some.
      this.#drawnAt = performance.now();
    }

    // listr2 redraws synchronously at every event of every task: 50 hosts would take more than one core.
    override update(): void {
      const now = performance.now();
      if (now - this.#drawnAt > REDRAW_MS - 10) {
        this.#drawnAt = now;
        super.update();
      }
    }

    override create(options?: Parameters<DefaultRenderer['create']>[0]): string {
      if (board.isCrowded) {
        // What does not fit is cut off at the top: the rows worth watching go to the end.
        const rank = (task: ListrDefaultRendererTask) => WORTH_WATCHING.indexOf(this.#rowOf(task)?.state);
        this.#tasks.sort((a, b) => rank(a) - rank(b));
      }
      for (const task of this.#tasks) {
        const row = this.#rowOf(task);
        // The setter `title$` would ask for another redraw.
        task.title = row === undefined ? (task.title ?? '') : rowText(row, ink);
      }
      return [super.create(options), ...board.notes.map((note) => ink.yellow(note))].join('\n');
    }

    protected override style(task: ListrDefaultRendererTask, output?: boolean): string {
      switch (this.#rowOf(task)?.state) {
        case 'waiting':
          return ink.dim(ink.symbols.none);
        case 'done':
          return ink.green(ink.symbols.yes);
        case 'failed':
          return ink.red(ink.symbols.no);
        case 'skipped':
          return ink.yellow(ink.symbols.none);
        default:
          return super.style(task, output);
      }
    }

    #rowOf(task: ListrDefaultRendererTask): BoardRow | undefined {
      const key = this.#keys.get(task);
      return board.rows.find((row) => row.key === key);
    }
  };
}

function rowText(row: BoardRow, ink: Ink): string {
  const title = row.state === 'waiting' ? ink.dim(row.title) : row.title;
  return row.detail === '' ? title : `${title}\n${ink.dim(row.detail)}`;
}

/** stderr as listr2 may write to it: of the size it has now, not the one it had when drawing began. */
class Terminal extends ProcessOutput {
  override get stdout(): NodeJS.WriteStream {
    const { stdout } = this.stream;
    const write = stdout.write.bind(stdout);
    const size = process.stderr;
    return Object.defineProperties(super.stdout, {
      columns: { get: () => size.columns },
      rows: { get: () => size.rows },
      write: { value: write },
    });
  }
}

class Dots extends Spinner {
  protected override readonly spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
}

class Line extends Spinner {
  protected override readonly spinner = ['-   ', '\\   ', '|   ', '/   '];
}
