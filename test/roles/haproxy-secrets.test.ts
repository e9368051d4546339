import { expect, test } from 'vitest';
import { withoutSecrets } from '../../roles/haproxy/secrets.ts';

test.each([
  (secret: string) => `    stats auth admin:${secret}\n    stats uri /`,
  (secret: string) => `    user anna insecure-password ${secret} groups a`,
  (secret: string) => `    user anna groups a password '${secret} b'`,
  (secret: string) => `    http-request set-header Authorization "Basic ${secret}"`,
  (secret: string) => `    http-request add-header Proxy-Authorization ${secret} if TRUE`,
  (secret: string) => `    http-response set-header X-Api-Key ${secret}`,
  (secret: string) => `    http-check send hdr authorization ${secret}`,
  (secret: string) => `    http-request allow if { hdr(Authorization) ${secret} }`,
  (secret: string) => `    tcp-check send PASS\\ ${secret}\\r\\n`,
  (secret: string) => `    setenv DB_PASSWORD ${secret}`,
])('what goes into a digest says nothing of the secret (%#)', (line) => {
  // One of them stands in the keywords as well.
  const [one, ...others] = ['hunter2', 'password', 'auth'].map((secret) => withoutSecrets(line(secret)));
  expect(others).toEqual([one, one]);
  expect(one).not.toContain('hunter2');
});

test('everything else is in the digest', () => {
  const text =
    '    http-request set-header X-Forwarded-Proto https\n    http-request auth realm staff\n    option tcpka\n';
  expect(withoutSecrets(text)).toBe(text);
});
