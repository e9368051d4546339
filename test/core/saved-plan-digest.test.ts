import { describe, expect, test } from 'vitest';
import { canonicalText } from '../../src/core/saved-plan-digest.ts';
import { sh } from '../../src/core/script.ts';
import { Secret } from '../../src/core/secret.ts';

describe('equal values have one text', () => {
  test.each([
    ['fields in another order', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    ['a field that is undefined, and none', { a: 1, b: undefined }, { a: 1 }],
    ['bytes, in whatever buffer they lie', Buffer.from('xay').subarray(1, 2), Buffer.from('a')],
    ['secrets of another name', new Secret('x', 'A'), new Secret('x', 'B')],
    ['maps', new Map([['a', [1]]]), new Map([['a', [1]]])],
  ])('%s', (_, one, other) => {
    expect(canonicalText(one)).toBe(canonicalText(other));
  });
});

describe('different values have different texts', () => {
  const VALUES: readonly unknown[] = [
    undefined,
    null,
    '',
    'null',
    'undefined undefined',
    0,
    '0',
    0n,
    Number.NaN,
    true,
    'true',
    [],
    {},
    [[]],
    [{}],
    [undefined],
    ['a', 'b'],
    ['a,b'],
    ['a"', 'b'],
    { a: 'b' },
    { 'a":"b': '' },
    new Map([['a', 'b']]),
    new Set(['a', 'b']),
    Buffer.from('a'),
    '61',
    new Secret('a'),
    'a',
    /a/,
    /a/i,
    () => 1,
    () => 2,
    sh`echo ${new Secret('a')}`,
    sh`echo ${new Secret('b')}`,
    sh`echo a`,
  ];

  test('every one of them', () => {
    const texts = VALUES.map(canonicalText);
    expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([]);
  });
});

test('a value that contains itself is refused, one that is used twice is not', () => {
  const inner = { a: 1 };
  expect(canonicalText([inner, inner])).toBe(canonicalText([{ a: 1 }, { a: 1 }]));
  const round: { self?: unknown } = {};
  round.self = [round];
  expect(() => canonicalText(round)).toThrow('contains itself');
});
