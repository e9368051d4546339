import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { type Filter, Masking, WholeCharacters } from '../../src/transport/output.ts';
import { Preamble } from '../../src/transport/preamble.ts';
import { wrap } from '../../src/transport/wrapper.ts';

/** What a reader gets that decodes each chunk on its own, as zx does. */
function decodedInChunks(filter: Filter, chunks: readonly Buffer[]): string {
  return [...chunks.map((chunk) => filter.push(chunk)), filter.end()]
    .map((chunk) => chunk.toString('utf8'))
    .join('');
}

/** Every way to cut bytes in two, and the cut into single bytes. */
function cuts(text: string): readonly (readonly Buffer[])[] {
  const bytes = Buffer.from(text);
  const single = [...bytes].map((byte) => Buffer.from([byte]));
  const double = [...bytes.keys()].map((at) => [bytes.subarray(0, at), bytes.subarray(at)]);
  return [single, ...double];
}

describe('whole characters', () => {
  test.each(['aé€😀z', '😀😀', 'é', '', 'plain', '€'])('%s survives every cut', (text) => {
    for (const chunks of cuts(text)) {
      expect(decodedInChunks(new WholeCharacters(), chunks)).toBe(text);
    }
  });

  test('bytes that are no UTF-8 pass unchanged', () => {
    const bytes = Buffer.from([0xff, 0x80, 0x80, 0x80, 0x80, 0xc3, 0x28, 0xf0, 0x9f]);
    for (let at = 0; at <= bytes.length; at += 1) {
      const filter = new WholeCharacters();
      const all = [filter.push(bytes.subarray(0, at)), filter.push(bytes.subarray(at)), filter.end()];
      expect(Buffer.concat(all)).toEqual(bytes);
    }
  });
});

describe('masking', () => {
  const secrets = [new Secret('abc'), new Secret('abcdef'), new Secret(''), new Secret('zé')];

  test.each([
    ['x abcdef y', 'x [secret] y'],
    ['ababc', 'ab[secret]'],
    ['abcabc', '[secret][secret]'],
    ['abc', '[secret]'],
    ['ab', 'ab'],
    ['zézzé', '[secret]z[secret]'],
  ])('%s becomes %s whatever the cut into two', (text, masked) => {
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at += 1) {
      const filter = new Masking(secrets);
      const all = [filter.push(bytes.subarray(0, at)), filter.push(bytes.subarray(at)), filter.end()];
      expect(Buffer.concat(all).toString()).toBe(masked);
    }
  });

  test('a line goes on as soon as it has ended, however many are to come', () => {
    const filter = new Masking(secrets);
    expect(filter.push(Buffer.from('one abc\ntw')).toString()).toBe('one [secret]\n');
    expect(filter.push(Buffer.from('o\n')).toString()).toBe('two\n');
    expect(filter.end()).toHaveLength(0);
  });

  test('a line without an end is not kept for ever', () => {
    const filter = new Masking(secrets);
    const line = Buffer.alloc(64 * 1024 + 1, 'x');
    expect(filter.push(line).equals(line)).toBe(true);
  });

  test('without secrets holds nothing back', () => {
    const filter = new Masking([]);
    expect(filter.push(Buffer.from('text')).toString()).toBe('text');
    expect(filter.end()).toHaveLength(0);
  });
});

describe('what comes before a script', () => {
  test('is cut off wherever the packets end', () => {
    for (const chunks of cuts('noise rp-run-N rp-run-NONCE 4711.own rp-run-NONCE 1.')) {
      const preamble = new Preamble('rp-run-NONCE');
      const own = chunks.map((chunk) => preamble.push(chunk).toString()).join('');
      expect(own).toBe('own rp-run-NONCE 1.');
      expect(preamble.group).toBe('4711');
      expect(preamble.text).toBe('noise rp-run-N ');
    }
  });

  test('is bounded, and its end is kept', () => {
    const preamble = new Preamble('rp-run-NONCE');
    for (let count = 0; count < 100; count += 1) {
      preamble.push(Buffer.alloc(10_000, 'x'));
    }
    preamble.push(Buffer.from('the end'));
    expect(preamble.text.length).toBe(64 * 1024);
    expect(preamble.text.endsWith('the end')).toBe(true);
    expect(preamble.group).toBeUndefined();
  });
});

test('a user name is quoted in the command line', () => {
  const options = { nonce: 'N', sudoUser: 'a$b', hasPassword: false, hasInput: false };
  expect(wrap('true', options).line).toBe(`exec sudo -n -H -u 'a$b' -- sh -s`);
});
