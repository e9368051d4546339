import {
  absolutePath,
  cidr,
  hostName,
  packageVersion,
  port,
  secret,
  text,
  unitLine,
  v,
  whole,
} from 'run-playbook';
import { areDirectives, isWords } from './words.ts';

/** Name of the health endpoint; answered to beside one that is configured. */
export const HEALTH_NAME = 'ha-health.internal';

const fileText = text((value) => !value.includes('\0'), 'the text of a file');
const lines = v.pipe(
  v.array(text((value) => !value.includes('\0'), 'a line of configuration')),
  v.check(
    (value) => areDirectives(value),
    'these lines are no whole directives: a quote, a brace or a ; is missing, or one too many; files of conf_d and snippets take any text',
  ),
);
const name = text((value) => /^[a-z0-9][\w.-]*$/i.test(value), 'a name of letters, digits, . _ -');
const size = text((value) => /^\d+[kmg]?$/i.test(value), 'a size, such as 10m');
const word = text((value) => isWords(value, 1), 'one word without ; { }, or one between quotes');
const words = (what: string) => text((value) => isWords(value), what);
const upstreamServer = words('a server, with parameters if any, such as 10.0.0.1:8080 weight=2');
const listen = v.union(
  [port(), words('a port or an address with port')],
  'should be a port or an address with port, such as 80 or 172.25.254.131:80',
);

const site = v.strictObject({
  listen: v.pipe(
    v.optional(v.array(listen)),
    v.description('Ports or addresses; default: `port`, with `tls` 443.'),
  ),
  server_name: v.pipe(v.optional(v.array(word), ['_']), v.description('Host names the site answers to.')),
  root: v.optional(v.pipe(absolutePath(), v.description('Directory that is served.'))),
  index: v.pipe(v.optional(v.array(word), ['index.html']), v.description('Files served for a directory.')),
  proxy_pass: v.optional(v.pipe(word, v.description('URL or upstream that requests are passed to.'))),
  return: v.optional(
    v.pipe(
      text((value) => /^\d{3}/.test(value) && isWords(value, 2), 'a status and a URL or text'),
      v.description('`301 https://…`'),
    ),
  ),
  locations: v.pipe(
    v.optional(
      v.record(
        text((value) => isWords(value, 2), 'a location'),
        lines,
      ),
      {},
    ),
    v.description('Lines by location.'),
  ),
  tls: v.optional(
    v.strictObject({
      cert: absolutePath(),
      key: absolutePath(),
      protocols: v.optional(v.array(word), ['TLSv1.2', 'TLSv1.3']),
      hsts: v.pipe(v.optional(v.boolean(), false), v.description('Strict-Transport-Security for a year.')),
    }),
  ),
  basic_auth: v.optional(v.pipe(name, v.description('Name of an entry of `basic_auth`.'))),
  access_log: v.optional(v.pipe(words('a path, with a format'), v.description('`off`, or path and format.'))),
  error_log: v.optional(words('a path, with a level')),
  client_max_body_size: v.optional(size),
  raw: v.pipe(v.optional(lines, []), v.description('Further lines of the server block.')),
});

/** Variables of the nginx role. */
export const vars = v.strictObject({
  install: v.optional(
    v.strictObject({
      version: v.optional(
        v.pipe(
          packageVersion(),
          v.description('Exact Debian version; default: the one installed, or the newest.'),
        ),
      ),
      hold: v.optional(v.pipe(v.boolean(), v.description('apt-mark hold.'))),
    }),
    {},
  ),
  port: v.pipe(v.optional(port(), 80), v.description('Port of the default site and of the health endpoint.')),
  user: v.optional(name, 'www-data'),
  worker_processes: v.optional(
    v.union([v.literal('auto'), whole({ min: 1, max: 1024, what: 'auto, or 1-1024' })]),
    'auto',
  ),
  worker_connections: v.optional(whole({ min: 1, max: 1_000_000, what: 'a number of connections' }), 1024),
  worker_rlimit_nofile: v.optional(whole({ min: 64, max: 10_000_000, what: 'a number of files' })),
  sites: v.pipe(
    v.optional(v.record(name, site), {}),
    v.description('Sites by name; without any, one page that names the host.'),
  ),
  upstreams: v.optional(
    v.record(name, v.strictObject({ servers: v.array(upstreamServer), raw: v.optional(lines, []) })),
    {},
  ),
  remove_default_site: v.pipe(v.optional(v.boolean(), true), v.description('Debian’s welcome page.')),
  purge_unmanaged_sites: v.pipe(
    v.optional(v.boolean(), false),
    v.description('Removes sites that are not declared; the plan lists them.'),
  ),
  conf_d: v.pipe(
    v.optional(v.record(name, fileText), {}),
    v.description('Files of conf.d by name, without .conf.'),
  ),
  snippets: v.pipe(
    v.optional(v.record(name, fileText), {}),
    v.description('Files of snippets by name, without .conf.'),
  ),
  raw_http: v.optional(lines, []),
  raw_main: v.optional(lines, []),
  log_format: v.optional(
    v.record(name, words("a format, such as '$remote_addr $status' between quotes")),
    {},
  ),
  gzip: v.optional(v.boolean(), true),
  client_max_body_size: v.optional(size, '1m'),
  keepalive_timeout: v.optional(whole({ min: 0, max: 3600, what: 'seconds' }), 65),
  server_tokens: v.optional(v.boolean(), false),
  real_ip_from: v.pipe(
    v.optional(v.array(v.union([cidr(), word])), []),
    v.description('Proxies whose X-Forwarded-For names the client.'),
  ),
  proxied: v.pipe(
    v.optional(v.boolean(), false),
    v.description(
      'HAProxy on every host of the cluster stands in front: it is trusted to name the client, and may have the port on a virtual IP.',
    ),
  ),
  stub_status: v.pipe(
    v.optional(v.boolean(), false),
    v.description('/nginx_status of the health endpoint, for 127.0.0.1 only.'),
  ),
  health: v.optional(
    v.strictObject({
      path: v.optional(
        text(
          (value) => /^\/[\w./-]+$/.test(value) && !['/generation', '/nginx_status'].includes(value),
          'a URL path other than /generation and /nginx_status',
        ),
        '/healthz',
      ),
      server_name: v.optional(hostName(), HEALTH_NAME),
    }),
    {},
  ),
  basic_auth: v.pipe(
    v.optional(
      v.record(
        name,
        v.record(
          text((value) => /^[^:#\s]+$/.test(value), 'a user name'),
          secret((value) => /^[^:\s]+$/.test(value), 'a password hash, in one word'),
        ),
      ),
      {},
    ),
    v.description('Password hashes (openssl passwd -6) by user, by file.'),
  ),
  vip_follows: v.pipe(
    v.optional(v.boolean(), false),
    v.description('The virtual IP leaves this host before nginx stops (keepalived tracks nginx).'),
  ),
  systemd: v.pipe(
    v.optional(v.array(unitLine()), []),
    v.description('Further lines of the [Service] drop-in.'),
  ),
});

export type NginxVars = v.InferOutput<typeof vars>;
