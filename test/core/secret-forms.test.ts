import { describe, expect, test } from 'vitest';
import { mask, maskHeard, Secret } from '../../src/core/secret.ts';
import { canary, Canaries } from '../canaries.ts';

const value = canary();
const canaries = new Canaries({ FORMS: value });
const secrets = [new Secret(value)];

const bytes = Buffer.from(value);
const json = JSON.stringify(value).slice(1, -1);

/** The secret as others write it, amid their own words. */
const WRITTEN: Readonly<Record<string, string>> = {
  'as it is': `pass ${value} refused`,
  'twice in a row': value + value,
  'quoted for a shell': `+ login '${value.replaceAll("'", `'\\''`)}'`,
  'quoted by xtrace of dash': `+ login '${value.replaceAll("'", `'"'"'`)}'`,
  'in double quotes': `login "${value.replaceAll(/["\\$`]/g, String.raw`\$&`)}"`,
  'quoted for YAML': `auth: '${value.replaceAll("'", "''")}'`,
  'in JSON': `{"auth": "${json}"}`,
  'in ASCII JSON': `{"auth": "${json.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"}`,
  'in a URL': `GET /?auth=${encodeURIComponent(value)}&x=1`,
  'in a form': `auth=${new URLSearchParams({ value }).toString().slice(6)}`,
  'in HTML': `<b>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&#34;').replaceAll("'", '&#39;')}</b>`,
  'in base64': `Basic ${Buffer.from(value).toString('base64')}`,
  'in base64 behind a name': `Basic ${Buffer.from(`anna:${value}`).toString('base64')}`,
  'in base64 behind another': `Basic ${Buffer.from(`bertha:${value}, and more`).toString('base64')}`,
  'in base64 for URLs': `token ${Buffer.from(`a:${value}`).toString('base64url')}`,
  'in hexadecimal': `key ${bytes.toString('hex')}`,
  'in HEXADECIMAL': `key ${bytes.toString('hex').toUpperCase()}`,
};

/** Cut or changed by whoever wrote it. */
const CUT: Readonly<Record<string, string>> = {
  folded: (value.match(/.{1,20}/gu) ?? []).join('\n'),
  'its beginning': `auth ${value.slice(0, 17)}...`,
  'its end': `...${value.slice(-17)} refused`,
  'without what is not ASCII': value.replaceAll(/[^ -~]/g, '?'),
  'base64 in lines': Buffer.from(value.repeat(3)).toString('base64').replaceAll(/.{30}/g, '$&\n'),
  'hexadecimal in lines': Buffer.from(value.repeat(3)).toString('hex').replaceAll(/.{32}/g, '$&\n'),
};

describe('a secret in', () => {
  test.each(Object.entries(WRITTEN))('%s: is found, and masked', (_, text) => {
    expect(canaries.in(text)).not.toEqual([]);
    expect(canaries.in(mask(text, secrets))).toEqual([]);
    expect(canaries.in(maskHeard(text, secrets))).toEqual([]);
    expect(mask(text, secrets)).toContain('[secret]');
  });

  test.each(Object.entries(CUT))('%s: is masked in what was heard', (_, text) => {
    expect(canaries.in(text)).not.toEqual([]);
    expect(canaries.in(maskHeard(text, secrets))).toEqual([]);
  });
});

test('what stands around it stays', () => {
  expect(mask(WRITTEN['quoted for a shell'] ?? '', secrets)).toBe('+ login [secret]');
  expect(mask(WRITTEN['in JSON'] ?? '', secrets)).toBe('{"auth": "[secret]"}');
  expect(mask(WRITTEN['as it is'] ?? '', secrets)).toBe('pass [secret] refused');
  expect(maskHeard('at keepalived.conf:12', [new Secret('keepalived-svr1')])).toBe('at [secret].conf:12');
  expect(mask('at keepalived.conf:12', [new Secret('keepalived-svr1')])).toBe('at keepalived.conf:12');
});

test('of secrets that overlap nothing stays', () => {
  const both = [new Secret('abcdef'), new Secret('efghij')];
  expect(mask('x abcdefghij y', both)).toBe('x [secret] y');
  expect(mask('x abcdefefghij y', both)).toBe('x [secret][secret] y');
});

test('the lines of a secret are secrets, those of a PEM text that show where it begins are not', () => {
  const pem = new Secret('-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqG\nSM49\n-----END PRIVATE KEY-----\n');
  expect(mask('line 2: MIGHAgEAMBMGByqG', [pem])).toBe('line 2: [secret]');
  expect(mask('-----BEGIN PRIVATE KEY-----', [pem])).toBe('-----BEGIN PRIVATE KEY-----');
  // The file has no line break at its end, or two.
  expect(mask(pem.reveal().trim(), [pem])).toBe('[secret]');
});

test('a short secret is masked as it is, and not where it would be found by chance', () => {
  const short = [new Secret('1111')];
  expect(mask('auth 1111', short)).toBe('auth [secret]');
  expect(maskHeard('31313131 MTExMQ', short)).toBe('31313131 MTExMQ');
});

test('a character that repeats gives nothing away', () => {
  const secret = [new Secret(`====================${value}`)];
  expect(maskHeard('==========', secret)).toBe('==========');
});

// 0.3 s on an idle machine.
test('all that is kept of stderr is masked in a moment', { timeout: 20_000 }, () => {
  const many = Array.from({ length: 20 }, () => new Secret(canary()));
  const text = 'nothing to be seen here, or in 4711 other lines\n'.repeat(5_500);
  const started = performance.now();
  expect(maskHeard(text, many)).toBe(text);
  expect(performance.now() - started).toBeLessThan(10_000);
});
