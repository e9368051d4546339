import { packageVersion, secret, text, unitLine, v, whole } from 'run-playbook';
import { backend, backendParts } from './schema/backend.ts';
import { bind } from './schema/bind.ts';
import { frontend, frontendParts } from './schema/frontend.ts';
import { defaults, global, local, peers, resolvers } from './schema/process.ts';
import { anyLine, name, raw } from './schema/words.ts';

const listen = v.strictObject({
  bind: v.pipe(v.array(bind), v.minLength(1, 'should name at least one port')),
  ...frontendParts,
  ...backendParts,
  raw,
});

/** Variables of the haproxy role. */
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
  state: v.pipe(
    v.optional(v.picklist(['running', 'stopped'], 'should be running or stopped'), 'running'),
    v.description('`stopped`: not running and not enabled; nothing else is looked at.'),
  ),
  global: v.pipe(
    v.optional(global, {}),
    v.description(
      'The process: limits, log, sockets, TLS. A file limit of the host that is too low for maxconn does not keep it from starting.',
    ),
  ),
  defaults: v.pipe(
    v.optional(defaults, {}),
    v.description('What holds in every section that says nothing else.'),
  ),
  frontends: v.pipe(
    v.optional(v.record(name, frontend), { 'http-in': {} }),
    v.description('Frontends by name; default: http-in on *:8000.'),
  ),
  backends: v.pipe(
    v.optional(v.record(name, backend), { servers: {} }),
    v.description('Backends by name; default: servers, the hosts of the playbook.'),
  ),
  listen: v.pipe(
    v.optional(v.record(name, listen), {}),
    v.description('Sections that are frontend and backend in one, by name.'),
  ),
  local: v.pipe(
    v.optional(local, {}),
    v.description('Health, statistics and Prometheus, for this host only.'),
  ),
  certificates: v.pipe(
    v.optional(v.record(name, secret()), {}),
    v.description('PEM texts by name; written to /etc/haproxy/certs/NAME.pem.'),
  ),
  certificate_days: v.pipe(
    v.optional(whole({ min: 0, max: 365, what: 'a number of days' }), 7),
    v.description('A run fails (exit 8) when a loaded certificate ends in fewer days; 0: nobody looks.'),
  ),
  userlists: v.pipe(
    v.optional(
      v.record(
        name,
        v.record(
          text((value) => /^[^:\s"'#\\]+$/.test(value), 'a user name'),
          secret((value) => /^[^\s"'#\\]+$/.test(value), 'a password hash, in one word'),
        ),
      ),
      {},
    ),
    v.description('Password hashes (openssl passwd -6) by user, by list.'),
  ),
  maps: v.pipe(
    v.optional(
      v.record(
        name,
        v.record(
          text((value) => /^[^\s#]\S*$/.test(value), 'one word'),
          anyLine,
        ),
      ),
      {},
    ),
    v.description('Values by key, by map; written to /etc/haproxy/maps/NAME.map.'),
  ),
  resolvers: v.pipe(
    v.optional(v.record(name, resolvers), {}),
    v.description('Name servers by section, for servers whose address is a name.'),
  ),
  peers: v.pipe(v.optional(peers, {}), v.description('How the HAProxies tell each other of sticky clients.')),
  config: v.optional(
    v.pipe(
      text((value) => /\S/.test(value) && !value.includes('\0'), 'the text of a configuration'),
      v.description(
        'A whole haproxy.cfg, used instead of what is generated; the frontend for this host is appended.',
      ),
    ),
  ),
  purge_unmanaged: v.pipe(
    v.optional(v.boolean(), false),
    v.description('Removes certificates and maps that are not declared; the plan lists them.'),
  ),
  vip_follows: v.pipe(
    v.optional(v.boolean(), true),
    v.description('The virtual IP leaves this host before HAProxy stops (keepalived tracks haproxy).'),
  ),
  systemd: v.pipe(
    v.optional(v.array(unitLine()), []),
    v.description('Further lines of the [Service] drop-in.'),
  ),
});

export type HaproxyVars = v.InferOutput<typeof vars>;
