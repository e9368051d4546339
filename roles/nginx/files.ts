import {
  digestOf,
  template,
  type Absent,
  type ClusterHost,
  type FileSpec,
  type RoleContext,
} from 'run-playbook';
import { listenAt, proxies } from './behind-proxy.ts';
import { HEALTH_NAME, type NginxVars } from './vars.ts';

type Entries<T> = readonly (readonly [string, T])[];
type Site = NginxVars['sites'][string];

const nginxConf = template<
  Omit<NginxVars, 'log_format' | 'upstreams' | 'worker_rlimit_nofile'> & {
    readonly worker_rlimit_nofile: number | undefined;
    readonly log_format: Entries<string>;
    readonly upstreams: Entries<NginxVars['upstreams'][string]>;
  }
>(import.meta.url, 'nginx.conf.ejs');

const siteConf = template<
  Omit<Site, 'locations' | 'return' | 'listen'> & {
    readonly listen: readonly (string | number)[];
    readonly returns: string | undefined;
    readonly locations: Entries<readonly string[]>;
    readonly isDefault: boolean;
  }
>(import.meta.url, 'site.conf.ejs');

const healthConf = template<{
  readonly listen: readonly (string | number)[];
  readonly host: string;
  readonly server_names: readonly string[];
  readonly stub_status: boolean;
  readonly generation: string;
}>(import.meta.url, 'health.conf.ejs');

const indexPage = template<{ readonly host: string }>(import.meta.url, 'index.html.ejs');
const unitConf = template<{ readonly vip_follows: boolean; readonly systemd: readonly string[] }>(
  import.meta.url,
  'unit.conf.ejs',
);

/** Where the page stands that is served when no site is declared. */
export const DEFAULT_ROOT = '/var/www/run-playbook';

/** Everything below /etc/nginx that the role writes, and the digest that the running process must tell. */
export function configurationFiles(
  context: RoleContext<NginxVars>,
  shippedBy: string,
): {
  readonly files: Readonly<Record<string, FileSpec | Absent>>;
  readonly generation: string;
} {
  const { vars, host } = context;
  const read: Record<string, FileSpec> = {
    'nginx.conf': { content: mainFile(context) },
    ...named(
      sitesOf(vars),
      (name) => `sites-enabled/${name}.conf`,
      (site) => ({ content: siteFile(site, vars, host) }),
    ),
    ...named(
      vars.conf_d,
      (name) => `conf.d/${name}.conf`,
      (content) => ({ content }),
    ),
    ...named(
      vars.snippets,
      (name) => `snippets/${name}.conf`,
      (content) => ({ content }),
    ),
  };
  // nginx opens these for every request; and their digest would be a hint at what is secret in them.
  const passwords = named(
    vars.basic_auth,
    (name) => `auth/${name}`,
    (users) => ({
      content: Object.entries(users)
        .map(([user, hash]) => `${user}:${hash.reveal()}\n`)
        .join(''),
      mode: '0640',
      group: vars.user,
    }),
  );
  const generation = digestOf(
    Object.entries(read).flatMap(([path, { content }]) => [path, content as string]),
  );
  const { port, health, stub_status } = vars;
  return {
    files: {
      ...read,
      ...passwords,
      'run-playbook-health.conf': {
        content: healthConf({
          listen: listenAt(port, vars, host),
          host: host.name,
          server_names: [...new Set([health.server_name, HEALTH_NAME])],
          stub_status,
          generation,
        }),
      },
      // The page of the first run would stand beside the sites that were declared since.
      ...(Object.keys(vars.sites).length > 0 &&
        vars.sites['default'] === undefined && { 'sites-enabled/default.conf': { absent: true } as const }),
      ...(vars.remove_default_site && { 'sites-enabled/default': { absent: true, shippedBy } }),
    },
    generation,
  };
}

/** Paths of files below conf.d and sites-enabled that the role writes, or removes. */
export function declaredNames(vars: NginxVars): readonly string[] {
  return [
    ...Object.keys(sitesOf(vars)).map((name) => `/etc/nginx/sites-enabled/${name}.conf`),
    ...Object.keys(vars.conf_d).map((name) => `/etc/nginx/conf.d/${name}.conf`),
    '/etc/nginx/sites-enabled/default.conf',
    ...(vars.remove_default_site ? ['/etc/nginx/sites-enabled/default'] : []),
  ];
}

/** The page that names the host, so that the servers behind an address can be told apart. */
export function indexFile(host: string): FileSpec {
  return { content: indexPage({ host }) };
}

export function unitFile({ vip_follows, systemd }: NginxVars): FileSpec {
  return { content: unitConf({ vip_follows, systemd }) };
}

function sitesOf(vars: NginxVars): NginxVars['sites'] {
  const page: Site = {
    server_name: ['_'],
    index: ['index.html'],
    root: DEFAULT_ROOT,
    locations: {},
    raw: [],
  };
  return Object.keys(vars.sites).length > 0 ? vars.sites : { default: page };
}

function mainFile({ vars, cluster }: RoleContext<NginxVars>): string {
  return nginxConf({
    ...vars,
    real_ip_from: [...proxies(vars, cluster.hosts), ...vars.real_ip_from],
    worker_rlimit_nofile: vars.worker_rlimit_nofile,
    log_format: Object.entries(vars.log_format),
    upstreams: Object.entries(vars.upstreams),
  });
}

function siteFile(site: Site, vars: NginxVars, host: ClusterHost): string {
  const { return: returns, ...rest } = site;
  const optional = {
    tls: undefined,
    access_log: undefined,
    error_log: undefined,
    client_max_body_size: undefined,
  };
  return siteConf({
    ...optional,
    basic_auth: undefined,
    root: undefined,
    proxy_pass: undefined,
    ...rest,
    returns,
    listen: site.listen ?? listenAt(site.tls === undefined ? vars.port : 443, vars, host),
    locations: Object.entries(site.locations),
    isDefault: site.server_name.includes('_'),
  });
}

function named<T>(
  entries: Readonly<Record<string, T>>,
  path: (name: string) => string,
  spec: (value: T) => FileSpec,
): Record<string, FileSpec> {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [path(name), spec(value)]));
}
