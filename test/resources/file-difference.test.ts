import { expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { concealer } from '../../src/resources/file-difference.ts';

test('known secrets and what a pattern points at are hidden, and nothing around them', () => {
  const conceal = concealer([new Secret('n3w')], [/\bauth_pass[ \t]+(\S+)/]);
  expect(conceal('auth_pass n3w\n auth_pass\told # was n3w\nauth_passed x')).toBe(
    'auth_pass [secret]\n auth_pass\t[secret] # was [secret]\nauth_passed x',
  );
});

test.each([
  ['auth_pass pass', 'auth_pass [secret]'],
  ['auth_pass auth_pass', 'auth_pass [secret]'],
  ['auth_pass a', 'auth_pass [secret]'],
  ['auth_pass', 'auth_pass'],
])('%s: the value is hidden where it stands, not where it happens to occur', (text, shown) => {
  expect(concealer([], [/\bauth_pass[ \t]+(\S+)/g])(text)).toBe(shown);
});

test('a group that does not take part hides nothing', () => {
  expect(concealer([], [/user(?:=(\S+))?/])('user user=x')).toBe('user user=[secret]');
});

test('password files: every hash, also one that is not declared', () => {
  expect(concealer([], [/^[^\s:#]+:(\S+)$/gm])('# a:b c\nanna:$6$x\nben:plain\n    root /srv;\n')).toBe(
    '# a:b c\nanna:[secret]\nben:[secret]\n    root /srv;\n',
  );
});
