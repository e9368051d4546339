import { absolutePath, ipv4Address, port, text, v } from 'run-playbook';
import { line, name } from './words.ts';

const address = v.union(
  [
    v.picklist(['*', 'vip']),
    v.pipe(
      ipv4Address(),
      v.transform((given) => (given === '0.0.0.0' ? '*' : given)),
    ),
    v.pipe(
      text((value) => /^\[[\da-f:.]+\]$/i.test(value), 'an IPv6 address in [ ]'),
      v.transform((given) => (/^\[[0:]+\]$/.test(given) ? '[::]' : given)),
    ),
  ],
  'should be an address, * for all, or vip for every virtual IP',
);

const tls = v.strictObject({
  certificate: v.pipe(
    v.union(
      [
        v.union([name, absolutePath()]),
        v.pipe(
          v.array(v.union([name, absolutePath()])),
          v.minLength(1, 'should name at least one certificate'),
        ),
      ],
      'should be a name of `certificates`, the path of a PEM file, or a list of them',
    ),
    v.transform((given) => (typeof given === 'string' ? [given] : given)),
    v.description(
      'Names of `certificates`, or paths of PEM files that the host has; the first is the default.',
    ),
  ),
  alpn: v.optional(
    v.pipe(
      v.array(text((value) => /^[\w./-]+$/.test(value), 'a protocol, such as h2')),
      v.description('Protocols offered; default in mode http: h2, http/1.1.'),
    ),
  ),
});

const inFull = v.strictObject({
  address: v.pipe(
    v.optional(address, '*'),
    v.description('`*`: all; `vip`: every virtual IP of keepalived.'),
  ),
  port: port(),
  tls: v.optional(tls),
  accept_proxy: v.pipe(
    v.optional(v.boolean(), false),
    v.description('Clients come through a proxy that speaks the PROXY protocol.'),
  ),
  raw: v.pipe(v.optional(v.array(line), []), v.description('Further words of the bind line.')),
});

const EXPECTED = 'should be a port or an address with port, such as 8000, *:8000 or vip:80, or a map';

/** `8000`, `*:8000`, `172.25.254.131:80`, `[::]:80` and `vip:80` in parts. */
const short = v.pipe(
  v.union([port(), text((value) => /^.+:\d{1,5}$/.test(value), 'an address with port')]),
  v.transform((given): v.InferInput<typeof inFull> => {
    const [, host, number] = /^(?:(.+):)?(\d+)$/.exec(String(given)) ?? [];
    return { ...(host !== undefined && { address: host }), port: Number(number) };
  }),
  inFull,
);

/** Where a frontend listens; whatever was written, roles read address and port. */
export const bind = v.union([inFull, short], EXPECTED);

export type Bind = v.InferOutput<typeof bind>;
