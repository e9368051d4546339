import { digestOf, template, type FileSpec } from 'run-playbook';
import { poolsOf, type Context } from './cluster.ts';
import { withoutSecrets } from './secrets.ts';
import { sections } from './section.ts';
import type { HaproxyVars } from './vars.ts';

type Entries<T> = readonly (readonly [string, T])[];

const haproxyCfg = template<{
  readonly host: string;
  readonly socket: string;
  readonly global: HaproxyVars['global'];
  readonly nbthread: number | undefined;
  readonly tune: Entries<string | number>;
  readonly defaults: HaproxyVars['defaults'];
  readonly timeouts: Entries<string>;
  readonly errorfiles: Entries<string>;
  readonly userlists: Entries<Entries<string>>;
  readonly resolvers: Entries<HaproxyVars['resolvers'][string]>;
  readonly peers: readonly string[];
  readonly sections: readonly string[];
}>(import.meta.url, 'haproxy.cfg.ejs');

const localCfg = template<{
  readonly port: number;
  readonly metrics: boolean;
  readonly stats: boolean;
  readonly auth: string | undefined;
  readonly socket: string | undefined;
  readonly generation: string;
}>(import.meta.url, 'local.cfg.ejs');

const unitConf = template<{ readonly vip_follows: boolean; readonly systemd: readonly string[] }>(
  import.meta.url,
  'unit.conf.ejs',
);

const SOCKET = '/run/haproxy/admin.sock';
const HEAD = '# managed by run-playbook\n';

/** Everything below /etc/haproxy that the role writes, and the digest that the running process must tell. */
export function configurationFiles(context: Context): {
  readonly files: Readonly<Record<string, FileSpec>>;
  readonly generation: string;
} {
  const { vars } = context;
  const main = vars.config === undefined ? generated(context) : `${HEAD}${vars.config.trimEnd()}\n`;
  const beside = {
    ...certificateFiles(vars),
    ...mapFiles(vars),
  };
  // Everybody on the host may ask for it, and a password can be guessed from its digest; a key cannot.
  const generation = digestOf([
    ...[main, localText(vars, '')].map(withoutSecrets),
    ...Object.entries(beside).flatMap(([path, { content }]) => [path, content as string]),
  ]);
  return {
    files: {
      // Any line of the user's may hold a password; HAProxy reads the file as root.
      'haproxy.cfg': { content: `${main}\n${localText(vars, generation)}`, mode: '0600' },
      ...beside,
    },
    generation,
  };
}

export function unitFile({ vip_follows, systemd }: HaproxyVars): FileSpec {
  return { content: unitConf({ vip_follows, systemd }) };
}

/** The socket that tells how the servers are, in whichever configuration. */
export function adminSocket({ config }: HaproxyVars): string {
  return (config === undefined ? undefined : declaredSocket(config)) ?? SOCKET;
}

function declaredSocket(config: string): string | undefined {
  return /^\s*stats\s+socket\s+(?:unix@)?(\/\S+)/m.exec(config)?.[1];
}

function generated(context: Context): string {
  const { vars, host, cluster } = context;
  const wantsPeers = Object.values(poolsOf(vars)).some(({ stick_table }) => stick_table?.peers === true);
  return haproxyCfg({
    host: host.name,
    socket: SOCKET,
    global: vars.global,
    nbthread: vars.global.nbthread,
    tune: Object.entries(vars.global.tune),
    defaults: vars.defaults,
    timeouts: Object.entries(vars.defaults.timeouts).flatMap(([name, time]) =>
      time === undefined ? [] : [[timeoutName(name), time] as const],
    ),
    errorfiles: Object.entries(vars.defaults.errorfiles),
    userlists: Object.entries(vars.userlists).map(([name, users]) => [
      name,
      Object.entries(users).map(([user, hash]) => [user, hash.reveal()] as const),
    ]),
    resolvers: Object.entries(vars.resolvers),
    peers: wantsPeers
      ? cluster.hosts.map(({ name, address }) => `${name} ${address}:${vars.peers.port}`)
      : [],
    sections: sections(context),
  });
}

/** `http_request` is `http-request`; `client_fin` is `client-fin`. */
function timeoutName(name: string): string {
  return name.replaceAll('_', '-');
}

/** A whole file of the user's may have no socket: then one is declared beside it. */
function localText({ config, local }: HaproxyVars, generation: string): string {
  const { user, password } = local.stats_auth ?? {};
  return localCfg({
    port: local.port,
    metrics: local.metrics,
    stats: local.stats,
    auth: user === undefined ? undefined : quoted(`${user}:${password?.reveal()}`),
    socket: config === undefined || declaredSocket(config) !== undefined ? undefined : SOCKET,
    generation,
  });
}

/** One word of a configuration, taken literally: only the quote itself ends it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function certificateFiles({ certificates }: HaproxyVars): Readonly<Record<string, FileSpec>> {
  return Object.fromEntries(
    Object.entries(certificates).map(([name, pem]) => [
      `certs/${name}.pem`,
      { content: `${pem.reveal().trimEnd()}\n`, mode: '0600' },
    ]),
  );
}

function mapFiles({ maps }: HaproxyVars): Readonly<Record<string, FileSpec>> {
  return Object.fromEntries(
    Object.entries(maps).map(([name, values]) => [
      `maps/${name}.map`,
      {
        content: Object.entries(values)
          .map(([key, value]) => `${key} ${value}\n`)
          .join(''),
      },
    ]),
  );
}
