import { describe, expect, it } from 'vitest';
import { Board } from '../../src/report/board.ts';
import { inkFor } from '../../src/report/ink.ts';
import * as recordings from './recordings.ts';
import { watchedLosses } from './watch-recordings.ts';

const INK = inkFor({ color: false, unicode: true });

/** What the live view shows after each event, a picture wherever it differs from the one before. */
function pictures({ events }: recordings.Recording): string {
  const board = new Board(INK);
  const shown: string[] = [];
  for (const event of events) {
    board.hear(event);
    const lines = board.rows.map(({ state, title, detail }) =>
      [`${state.padEnd(8)}${title}`, ...(detail === '' ? [] : [`        ${detail}`])].join('\n'),
    );
    const picture = lines.join('\n').replaceAll(/ +$/gm, '');
    if (picture !== shown.at(-1)) {
      shown.push(picture);
    }
  }
  return `${shown.join('\n---\n')}\n`;
}

describe('the live view', () => {
  it.each([
    ['fresh', recordings.fresh()],
    ['clean', recordings.clean()],
    ['failure', recordings.failure()],
    ['unreachable', recordings.unreachable()],
    ['hostile', recordings.hostile()],
    ['watched-losses', watchedLosses()],
  ])('%s', async (name, recording) => {
    await expect(pictures(recording)).toMatchFileSnapshot(`golden/board-${name}.txt`);
  });

  it('has one line for each of 50 hosts', () => {
    const board = new Board(INK);
    for (const event of recordings.fleetFresh().events) {
      board.hear(event);
      expect(board.rows.map((row) => row.detail).filter((detail) => detail !== '')).toEqual([]);
      expect(board.rows.some((row) => row.title.includes('\n'))).toBe(false);
    }
    expect(board.rows).toHaveLength(51);
  });

  it('keeps notes until they are taken', () => {
    const board = new Board(INK);
    board.note('interrupted');

    expect(board.notes).toEqual(['interrupted']);
    expect(board.takeNotes()).toEqual(['interrupted']);
    expect(board.notes).toEqual([]);
  });
});
