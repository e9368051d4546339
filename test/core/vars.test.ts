import { parse, safeParse, type GenericSchema } from 'valibot';
import { expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import {
  absolutePath,
  cidr,
  hostName,
  ipAddress,
  ipv4Address,
  port,
  secret,
  whole,
} from '../../src/core/vars.ts';

test.for<readonly [string, GenericSchema, readonly unknown[], readonly unknown[]]>([
  ['port', port(), [1, 80, 65_535], [0, 65_536, 80.5, '80', null]],
  ['router id', whole({ min: 1, max: 255, what: 'a router id (1-255)' }), [1, 255], [0, 256]],
  ['IP address', ipAddress(), ['192.0.2.1', '2001:db8::1'], ['192.0.2', '192.0.2.1/24', 'svr1', 1]],
  ['IPv4 address', ipv4Address(), ['192.0.2.1'], ['2001:db8::1']],
  ['prefix', cidr(), ['192.0.2.0/24', '2001:db8::/32'], ['192.0.2.0', '192.0.2.0/33', 'a/8', '192.0.2.0/']],
  ['host name', hostName(), ['a', 'svr-1.example.com', '192.0.2.1'], ['', '-a', 'a..b', 'a b', 'a;']],
  ['path', absolutePath(), ['/etc/nginx/nginx.conf', '/'], ['etc', '/a/../b', '/a b', '/a\n']],
  ['secret', secret(), ['text', 'two\nlines', new Secret('text')], [1, null, {}, 'a\0', new Secret('\0')]],
  [
    'secret of one line',
    secret((value) => !/[\r\n]/.test(value), 'one line'),
    ['text'],
    ['two\nlines', new Secret('text\r')],
  ],
])('%s', ([, schema, good, bad]) => {
  expect(good.filter((value) => !safeParse(schema, value).success)).toEqual([]);
  expect(bad.filter((value) => safeParse(schema, value).success)).toEqual([]);
});

test('a secret is a Secret, whichever way it was written', () => {
  const given = new Secret('hunter2', 'PASSWORD');
  expect(parse(secret(), given)).toBe(given);
  expect(parse(secret(), 'hunter2').reveal()).toBe('hunter2');
});
