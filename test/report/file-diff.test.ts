import { describe, expect, it } from 'vitest';
import { mask, Secret } from '../../src/core/secret.ts';
import { unifiedDiff } from '../../src/report/file-diff.ts';

const SECRETS = ['new-pass', 'other-pass', '-----BEGIN KEY-----\nabc\n-----END KEY-----'].map(
  (value) => new Secret(value),
);

function diff(before: string | undefined, after: string | undefined): string {
  return unifiedDiff({ path: '/f', before, after }, (text) => mask(text, SECRETS))
    .map((line) => line.text)
    .join('\n');
}

describe('the diff of a file', () => {
  it('is a unified diff', () => {
    expect(diff('a\nb\n', 'a\nc\n')).toBe('--- /f\n+++ /f\n@@ -1,2 +1,2 @@\n a\n-b\n+c');
  });

  it('says when the file is new or goes away', () => {
    expect(diff(undefined, 'a\n')).toBe('--- /dev/null\n+++ /f\n@@ -0,0 +1,1 @@\n+a');
    expect(diff('a\n', undefined)).toBe('--- /f\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a');
  });

  it('shows a line end that is missing or foreign', () => {
    expect(diff('a', 'a\n')).toContain('\\ No newline at end of file');
    expect(diff('a\r\n', 'a\n')).toContain('-a\r\n+a');
  });

  it('does not compare what is not text', () => {
    expect(diff(undefined, undefined)).toBe('binary files differ: /f');
  });

  it('gives up on what takes longer than a second', { timeout: 10_000 }, () => {
    const started = performance.now();

    expect(diff(numbers(31), numbers(37))).toContain(
      'too different to compare in 1000 ms: 60000 -> 60000 lines',
    );
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('secrets in a diff', () => {
  it('are masked', () => {
    expect(diff('x\n', 'pass new-pass\n')).toContain('+pass [secret]');
  });

  it('are masked too when they are the old value that nobody knows any more', () => {
    const shown = diff('auth {\n  pass "0ld"\n  id 1\n}\n', 'auth {\n  pass new-pass\n  id 1\n}\n');

    expect(shown).not.toContain('0ld');
    expect(shown).toContain('-  pass [old secret]\n+  pass [secret]');
  });

  it('are masked when the whole old file was one', () => {
    const shown = diff(
      '-----BEGIN KEY-----\nold\n-----END KEY-----\n',
      '-----BEGIN KEY-----\nabc\n-----END KEY-----\n',
    );

    expect(shown).not.toContain('old\n');
    expect(shown).toContain('+[secret]');
  });

  it('are all that differs when nothing else is seen to', () => {
    expect(diff('pass other-pass\n', 'pass new-pass\n')).toBe('only secret values differ: /f');
  });

  it('leave other lines alone', () => {
    expect(diff('port 80\npass 0ld\n', 'port 81\npass new-pass\n')).toContain('-port 80');
  });
});

function numbers(seed: number): string {
  return Array.from({ length: 60_000 }, (_, index) => `${(index * seed) % 7919}`).join('\n');
}
