import { describe, expect, it } from 'vitest';
import { columns, hang, wrap } from '../../src/report/layout.ts';
import { count, duration, hostNames } from '../../src/report/phrases.ts';

describe('layout', () => {
  it('breaks at spaces and never inside a word', () => {
    expect(wrap('one two three-four-five', 9)).toEqual(['one two', 'three-four-five']);
    expect(wrap('one two', undefined)).toEqual(['one two']);
  });

  it('hangs further lines under the first', () => {
    expect(hang('why  ', 'some words that need more room', 26)).toBe(
      'why  some words that need\n     more room',
    );
  });

  it('lines cells up', () => {
    expect(
      columns([
        ['a', 'bb', 'c'],
        ['aaa', 'b', ''],
      ]),
    ).toEqual(['a    bb  c', 'aaa  b']);
  });
});

describe('phrases', () => {
  it.each([
    [0, '0.0 s'],
    [449, '0.4 s'],
    [9_960, '10.0 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 0 s'],
    [125_400, '2 min 5 s'],
  ])('%i ms is %s', (ms, shown) => {
    expect(duration(ms)).toBe(shown);
  });

  it('counts', () => {
    expect([count(0, 'change'), count(1, 'change'), count(2, 'change')]).toEqual([
      '0 changes',
      '1 change',
      '2 changes',
    ]);
    expect(hostNames(['a', 'b'])).toBe('a, b');
    expect(hostNames(['a', 'b', 'c', 'd', 'e'])).toBe('5 hosts');
  });
});
