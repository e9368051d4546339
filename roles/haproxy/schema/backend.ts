import { ipAddress, hostName, port, text, v, whole } from 'run-playbook';
import { duration, line, mode, name, raw, word } from './words.ts';

const server = v.strictObject({
  name,
  address: v.union([ipAddress(), hostName()], 'should be an IP address or a host name'),
  port: port(),
  weight: v.optional(
    v.pipe(
      whole({ min: 0, max: 256, what: 'a weight (0-256)' }),
      v.description('Its share of the requests; 0: none.'),
    ),
  ),
  backup: v.pipe(v.optional(v.boolean(), false), v.description('Used only when no other server is up.')),
  disabled: v.pipe(v.optional(v.boolean(), false), v.description('Starts in maintenance.')),
  raw: v.pipe(v.optional(v.array(line), []), v.description('Further words of the server line.')),
});

const servers = v.strictObject({
  group: v.optional(
    v.pipe(
      name,
      v.description('Group of the inventory whose hosts serve; default: all hosts of the playbook.'),
    ),
  ),
  port: v.optional(v.pipe(port(), v.description('Their port; default: that of the nginx role on each.'))),
  hosts: v.optional(
    v.pipe(
      v.array(server),
      v.description('Servers that are listed: besides those of `group`, or alone without it.'),
    ),
  ),
  backup: v.pipe(
    v.optional(v.array(name), []),
    v.description('Names of servers that are used only when no other is up.'),
  ),
});

const times = (what: string) => whole({ min: 1, max: 255, what });

const check = v.strictObject({
  kind: v.optional(
    v.pipe(
      v.picklist(['http', 'tcp', 'none'], 'should be http, tcp or none'),
      v.description('Default: the backend’s mode.'),
    ),
  ),
  path: v.optional(
    v.pipe(
      text((value) => /^\/[^\s"'#\\]*$/.test(value), 'a URL path, such as /healthz'),
      v.description('Default: the health endpoint of the nginx role, or /.'),
    ),
  ),
  host: v.optional(v.pipe(word, v.description('Host header; default: that endpoint’s.'))),
  expect: v.pipe(v.optional(line, 'status 200'), v.description('What a healthy server answers.')),
  inter: v.pipe(
    v.optional(duration, '500ms'),
    v.description(
      'Between two checks of a server that is up. With HAProxy’s own 2 s and three failures, a dead server was found after 6 s.',
    ),
  ),
  fastinter: v.pipe(v.optional(duration, '200ms'), v.description('While it goes up or down.')),
  downinter: v.pipe(v.optional(duration, '500ms'), v.description('While it is down.')),
  fall: v.pipe(v.optional(times('a number of failures'), 2), v.description('Failures until it is down.')),
  rise: v.pipe(v.optional(times('a number of successes'), 2), v.description('Successes until it is up.')),
  observe: v.pipe(
    v.optional(v.picklist(['layer4', 'layer7', 'none'], 'should be layer4, layer7 or none'), 'layer4'),
    v.description('What of the clients’ own traffic counts as a failure.'),
  ),
  error_limit: v.pipe(
    v.optional(times('a number of failures'), 1),
    v.description('Failures of the traffic until `on_error` is done.'),
  ),
  on_error: v.pipe(
    v.optional(
      v.picklist(
        ['mark-down', 'fastinter', 'fail-check', 'sudden-death'],
        'should be mark-down, fastinter, fail-check or sudden-death',
      ),
      'mark-down',
    ),
    v.description('What so many failures of the traffic do.'),
  ),
});

const stickTable = v.strictObject({
  type: v.pipe(v.optional(line, 'ip'), v.description('What is remembered, such as `ip` or `string len 32`.')),
  on: v.pipe(v.optional(line, 'src'), v.description('What of a request decides.')),
  size: v.pipe(
    v.optional(
      text((value) => /^\d+[kmg]?$/.test(value), 'a number of entries, such as 100k'),
      '100k',
    ),
    v.description('Entries at most.'),
  ),
  expire: v.pipe(
    v.optional(duration, '30m'),
    v.description('An entry that nobody used ends after this time.'),
  ),
  store: v.optional(v.pipe(line, v.description('Counters kept beside it, such as `http_req_rate(10s)`.'))),
  peers: v.pipe(
    v.optional(v.boolean(), false),
    v.description('The HAProxies of the cluster tell each other their entries.'),
  ),
});

/** What stands in a backend; a listen section has it too. */
export const backendParts = {
  balance: v.pipe(v.optional(line, 'roundrobin'), v.description('roundrobin, leastconn, source, uri …')),
  servers: v.pipe(
    v.optional(servers, {}),
    v.description('Which servers; without anything, the hosts of the playbook.'),
  ),
  check: v.pipe(
    v.optional(check, {}),
    v.description('How servers are found to be up. A check by TCP alone keeps an nginx that hangs.'),
  ),
  slowstart: v.pipe(
    v.optional(duration, '5s'),
    v.description('A server that is up again gets its full share after this time.'),
  ),
  cookie: v.optional(
    v.pipe(line, v.description('Keeps a client on its server: `SRV insert indirect nocache`.')),
  ),
  stick_table: v.optional(v.pipe(stickTable, v.description('Keeps a client on its server without cookies.'))),
  retry_get_only: v.pipe(
    v.optional(v.boolean(), true),
    v.description('Only GET requests are sent to another server when the first one did not answer.'),
  ),
};

/** One backend. */
export const backend = v.strictObject({
  mode: v.optional(v.pipe(mode, v.description('Default: `defaults.mode`.'))),
  ...backendParts,
  forwardfor: v.pipe(
    v.optional(v.boolean(), false),
    v.description('X-Forwarded-For for requests of frontends that do not send it.'),
  ),
  raw,
});

export type Backend = v.InferOutput<typeof backend>;
export type ListedServer = v.InferOutput<typeof server>;
