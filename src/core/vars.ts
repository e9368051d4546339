import { isIP, isIPv4, isIPv6 } from 'node:net';
import * as v from 'valibot';
import { PACKAGE_VERSION } from './host-argument.ts';
import { Secret } from './secret.ts';

/**
 * Schemas that roles' `vars.ts` share, over valibot.
 *
 * Messages are expectations (`should be …`): loading puts the variable's path before and what it is behind.
 */

/**
 * A password or key: `${NAME}` in the inventory, or a text; a Secret in the role. Its value is never shown.
 *
 * @param passes what its value must be like; `what` is how an error calls that
 */
export function secret(passes: (value: string) => boolean = () => true, what = 'a secret') {
  return v.pipe(
    v.custom<Secret | string>(
      (value) => value instanceof Secret || typeof value === 'string',
      'should be a secret: write ${NAME} and put NAME=… into .env',
    ),
    v.metadata({ secret: true }),
    v.transform((value) => (value instanceof Secret ? value : new Secret(value))),
    v.check((value) => !value.reveal().includes('\0'), 'should hold no NUL byte'),
    v.check((value) => passes(value.reveal()), `should be ${what}`),
  );
}

/** An exact version of a Debian package: `1.22.1-9+deb12u1`. */
export function packageVersion() {
  return text((value) => PACKAGE_VERSION.test(value), 'a version of a package, such as 1.22.1-9');
}

/** A line of a section of a systemd unit that begins no other section, and ends where it ends. */
export function unitLine() {
  return text(
    (value) => !/[\0\n\r]|^\s*\[|\\\s*$/.test(value),
    'one line of a unit, without a section of its own and a backslash at its end',
  );
}

/** A TCP or UDP port, 1 to 65535. */
export function port() {
  return whole({ min: 1, max: 65_535, what: 'a port (1-65535)' });
}

/** A whole number; `what` is how an error calls it: `a router id (1-255)`. */
export function whole({
  min,
  max,
  what,
}: {
  readonly min: number;
  readonly max: number;
  readonly what: string;
}) {
  const expected = `should be ${what}`;
  return v.pipe(
    v.number(expected),
    v.check((value) => Number.isInteger(value) && value >= min && value <= max, expected),
  );
}

/** An IPv4 or IPv6 address. */
export function ipAddress() {
  return text((value) => isIP(value) !== 0, 'an IP address');
}

/** An IPv4 address. */
export function ipv4Address() {
  return text(isIPv4, 'an IPv4 address');
}

/** An address with prefix length: `172.25.254.0/24`. */
export function cidr() {
  return text((value) => {
    const [, address = '', bits = ''] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(value) ?? [];
    const longest = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
    return bits !== '' && Number(bits) <= longest;
  }, 'an address with prefix length, such as 172.25.254.0/24');
}

/** A DNS name or IPv4 address, as in a server_name or backend. */
export function hostName() {
  return text((value) => {
    const labels = value.split('.');
    return value.length <= 253 && labels.every((label) => /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/.test(label));
  }, 'a host name');
}

/** An absolute path without `..`, spaces or control characters. */
export function absolutePath() {
  return text(
    (value) => /^\/[\w./@:+,=-]*$/.test(value) && !value.split('/').includes('..'),
    'an absolute path',
  );
}

/** A text that passes; `what` is how an error calls it. */
export function text(passes: (value: string) => boolean, what: string) {
  const expected = `should be ${what}`;
  return v.pipe(v.string(expected), v.check(passes, expected));
}
