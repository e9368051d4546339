import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { mask, Secret } from '../../src/core/secret.ts';

test('a secret shows itself nowhere but in reveal()', () => {
  const secret = new Secret('hunter2', 'PASSWORD');
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret, list: [secret] }),
    inspect({ secret }, { depth: 9, showHidden: true }),
    format('%s %o %j', secret, secret, secret),
    Object.keys(secret).join(),
    JSON.stringify({ ...secret }),
    new Error(`bad ${secret}`).message,
  ];
  expect(shown.filter((text) => text.includes('hunter2'))).toEqual([]);
  expect(secret.reveal()).toBe('hunter2');
});

test('every occurrence of every secret is masked, a longer one before one it contains', () => {
  const secrets = ['pass', 'password', ''].map((value) => new Secret(value));
  expect(mask('a password, a pass, passpassword', secrets)).toBe('a [secret], a [secret], [secret][secret]');
});

test('a secret with the characters of a pattern is masked as it is', () => {
  expect(mask('x a.b$& y aXb$&', [new Secret('a.b$&')])).toBe('x [secret] y aXb$&');
});
