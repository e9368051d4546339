import { absolutePath, port, secret, text, v, whole } from 'run-playbook';
import { count, duration, lines, mode, name, raw, word } from './words.ts';

const statusCode = text((value) => /^[1-5]\d\d$/.test(value), 'a status code, such as 503');

/** Suites of Mozilla's intermediate level, as Debian's own file has them. */
const CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'DHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
];
const CIPHERSUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

/** The global section. */
export const global = v.strictObject({
  maxconn: v.pipe(
    v.optional(count('a number of connections'), 60_000),
    v.description('Connections of the process.'),
  ),
  nbthread: v.optional(
    v.pipe(
      whole({ min: 1, max: 64, what: 'a number of threads (1-64)' }),
      v.description('Default: one a processor.'),
    ),
  ),
  log: v.pipe(
    v.optional(lines, ['/dev/log local0 info', '/dev/log local1 warning']),
    v.description('Where to log to, with facility and level.'),
  ),
  stats_sockets: v.pipe(
    v.optional(lines, []),
    v.description('Sockets besides /run/haproxy/admin.sock: path and parameters.'),
  ),
  stats_timeout: v.pipe(
    v.optional(duration, '30s'),
    v.description('An idle connection to a socket ends after this time.'),
  ),
  hard_stop_after: v.pipe(
    v.optional(duration, '30s'),
    v.description('A process that was replaced by a reload ends at the latest after this time.'),
  ),
  ca_base: v.pipe(
    v.optional(absolutePath(), '/etc/ssl/certs'),
    v.description('Where relative paths of CA files begin.'),
  ),
  crt_base: v.pipe(
    v.optional(absolutePath(), '/etc/ssl/private'),
    v.description('Where relative paths of certificates begin.'),
  ),
  ssl_ciphers: v.pipe(
    v.optional(v.array(word), CIPHERS),
    v.description('For TLS 1.2; default: Mozilla’s intermediate level.'),
  ),
  ssl_ciphersuites: v.pipe(v.optional(v.array(word), CIPHERSUITES), v.description('For TLS 1.3.')),
  ssl_min_ver: v.pipe(
    v.optional(
      v.picklist(['TLSv1.0', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'], 'should be TLSv1.2 or TLSv1.3'),
      'TLSv1.2',
    ),
    v.description('Oldest version of TLS that is spoken.'),
  ),
  tune: v.pipe(
    v.optional(
      v.record(
        text((value) => /^[a-z][\w.-]*$/.test(value), 'a name such as bufsize'),
        v.union([v.number(), word], 'should be a number or one word'),
      ),
      {},
    ),
    v.description('Values of tune.NAME: `ssl.cachesize: 50000`.'),
  ),
  raw,
});

/** The defaults of all sections that follow. */
export const defaults = v.strictObject({
  mode: v.pipe(v.optional(mode, 'http'), v.description('Mode of sections that name none.')),
  options: v.pipe(
    v.optional(lines, ['dontlognull', 'redispatch 1']),
    v.description(
      'Options; the one for logging follows from the mode. Without redispatch all tries go to the server that does not answer.',
    ),
  ),
  timeouts: v.optional(
    v.strictObject({
      http_request: v.pipe(
        v.optional(duration, '10s'),
        v.description('Until a client has sent its request.'),
      ),
      connect: v.pipe(
        v.optional(duration, '500ms'),
        v.description(
          'Until a server takes a connection; after it the next one is tried, so 3 s would be a wait of 3 s.',
        ),
      ),
      client: v.pipe(v.optional(duration, '10s'), v.description('Of a client that sends and takes nothing.')),
      server: v.pipe(v.optional(duration, '10s'), v.description('Of a server that sends and takes nothing.')),
      queue: v.pipe(
        v.optional(duration, '3s'),
        v.description('For a free place on a server; then the answer is 503.'),
      ),
      http_keep_alive: v.pipe(
        v.optional(duration, '10s'),
        v.description('Between two requests of a client.'),
      ),
      check: v.pipe(v.optional(duration, '500ms'), v.description('Of a health check, once it is connected.')),
      tunnel: v.optional(v.pipe(duration, v.description('Of connections such as WebSockets.'))),
      client_fin: v.optional(v.pipe(duration, v.description('Of a client that has half closed.'))),
      server_fin: v.optional(v.pipe(duration, v.description('Of a server that has half closed.'))),
      tarpit: v.optional(v.pipe(duration, v.description('Of requests that a rule holds up.'))),
    }),
    {},
  ),
  retries: v.pipe(
    v.optional(whole({ min: 0, max: 100, what: 'a number of tries' }), 3),
    v.description('Further tries of a request that no server has answered.'),
  ),
  retry_on: v.pipe(
    v.optional(v.array(word), ['conn-failure', 'empty-response', 'response-timeout', '502', '503']),
    v.description('What sends a request to another server.'),
  ),
  errorfiles: v.pipe(
    v.optional(
      v.record(statusCode, absolutePath()),
      Object.fromEntries(
        ['400', '403', '408', '500', '502', '503', '504'].map((code) => [
          code,
          `/etc/haproxy/errors/${code}.http`,
        ]),
      ),
    ),
    v.description('Answers by status code; default: Debian’s.'),
  ),
  raw,
});

/** The frontend for this host only: health, statistics, and what the process has loaded. */
export const local = v.strictObject({
  port: v.pipe(v.optional(port(), 8404), v.description('Its port on 127.0.0.1.')),
  metrics: v.pipe(v.optional(v.boolean(), true), v.description('Prometheus at /metrics.')),
  stats: v.pipe(v.optional(v.boolean(), true), v.description('The statistics page at /stats.')),
  stats_auth: v.optional(
    v.pipe(
      v.strictObject({
        user: text((value) => /^[^\s:"'#\\]+$/.test(value), 'a user name'),
        password: secret((value) => !/[\0\n\r]/.test(value), 'a password, on one line'),
      }),
      v.description('Who may see the statistics; default: everybody on this host.'),
    ),
  ),
});

/** Name servers that are asked while HAProxy runs. */
export const resolvers = v.strictObject({
  nameservers: v.pipe(
    v.record(
      name,
      text((value) => /^[\w.:[\]-]+:\d{1,5}$/.test(value), 'an address with port'),
    ),
    v.description('Addresses with port by name.'),
  ),
  raw,
});

/** How the HAProxies of the cluster reach each other. */
export const peers = v.strictObject({
  port: v.pipe(v.optional(port(), 10_000), v.description('Port for stick tables that ask for peers.')),
});
