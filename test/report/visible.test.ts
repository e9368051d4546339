import { describe, expect, it } from 'vitest';
import { visible, visibleLine } from '../../src/report/visible.ts';

describe('foreign text', () => {
  it.each([
    ['colours', '\x1b[31mred', '\\x1b[31mred'],
    ['a title', '\x1b]0;owned\x07', '\\x1b]0;owned\\x07'],
    ['8-bit control characters', '\x9b2J', '\\x9b2J'],
    ['a carriage return', 'good\rbad', 'good\\rbad'],
    ['backspaces', 'a\b\x7f', 'a\\x08\\x7f'],
    ['reversed text', 'a\u202eb\u2066', 'a\\u202eb\\u2066'],
    ['what has no width', 'a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
    ['tags', 'a\u{e0041}', 'a\\u{e0041}'],
    ['half a character', 'a\ud800b', 'a\\ud800b'],
    ['NUL', 'a\0b', 'a\\x00b'],
  ])('shows %s instead of obeying', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('keeps letters of all languages, newlines and tabs', () => {
    expect(visible('für 日本 ✓\n\tx')).toBe('für 日本 ✓\n\tx');
  });

  it('is ASCII for a terminal that is not UTF-8', () => {
    expect(visible('für', false)).toBe('f\\xfcr');
  });

  it('stays on one line where only one fits', () => {
    expect(visibleLine('a\nb\tc')).toBe('a\\nb c');
  });
});
