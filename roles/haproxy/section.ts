import { template } from 'run-playbook';
import {
  addressesOf,
  defaultBackend,
  nginxOf,
  serversOf,
  type Context,
  type Pool,
  type Server,
} from './cluster.ts';
import { httpsPort, speaksTls } from './https.ts';
import type { Backend } from './schema/backend.ts';
import type { Bind } from './schema/bind.ts';
import type { Frontend } from './schema/frontend.ts';
import type { HaproxyVars } from './vars.ts';

type Listen = HaproxyVars['listen'][string];
type Entry = Omit<Frontend, 'use_backend' | 'default_backend' | 'raw'>;
type Mode = HaproxyVars['defaults']['mode'];

/** What both kinds of sections are rendered from; `entry` is the part of a frontend, `pool` that of a backend. */
interface Section {
  readonly kind: 'frontend' | 'backend' | 'listen';
  readonly name: string;
  readonly mode: Mode | undefined;
  readonly forwardfor: boolean;
  readonly raw: readonly string[];
  readonly entry: ReturnType<typeof entryOf> | undefined;
  readonly pool: ReturnType<typeof poolOf> | undefined;
}

const text = template<Section>(import.meta.url, 'section.cfg.ejs');

/** Name of the peers section, which stick tables share. */
export const PEERS = 'run-playbook';

/** All frontends, backends and listen sections, a text each. */
export function sections(context: Context): readonly string[] {
  const { frontends, backends, listen } = context.vars;
  return [
    ...Object.entries(frontends).map(([name, given]) => frontendText(name, given, context)),
    ...Object.entries(backends).map(([name, given]) => backendText(name, given, context)),
    ...Object.entries(listen).map(([name, given]) => listenText(name, given, context)),
  ];
}

/** Path of a certificate on the host: of a declared one, or as it is given. */
export function certificatePath(certificate: string): string {
  return certificate.startsWith('/') ? certificate : `/etc/haproxy/certs/${certificate}.pem`;
}

function frontendText(name: string, given: Frontend, context: Context): string {
  const mode = modeOf(given, context);
  const routes = {
    use_backend: given.use_backend,
    default_backend: defaultBackend(given, context.vars),
  };
  return text({
    kind: 'frontend',
    name,
    mode: otherMode(mode, context),
    forwardfor: mode === 'http' && given.forwardfor,
    raw: given.raw,
    entry: entryOf({ ...given, ...routes, section: `frontends.${name}` }, mode, context),
    pool: undefined,
  });
}

function backendText(name: string, given: Backend, context: Context): string {
  const mode = modeOf(given, context);
  return text({
    kind: 'backend',
    name,
    mode: otherMode(mode, context),
    forwardfor: mode === 'http' && given.forwardfor,
    raw: given.raw,
    entry: undefined,
    pool: poolOf(given, mode, context),
  });
}

function listenText(name: string, given: Listen, context: Context): string {
  const mode = modeOf(given, context);
  return text({
    kind: 'listen',
    name,
    mode: otherMode(mode, context),
    forwardfor: mode === 'http' && given.forwardfor,
    raw: given.raw,
    entry: entryOf(
      { ...given, use_backend: [], default_backend: undefined, section: `listen.${name}` },
      mode,
      context,
    ),
    pool: poolOf(given, mode, context),
  });
}

function modeOf({ mode }: { readonly mode?: Mode | undefined }, { vars }: Context): Mode {
  return mode ?? vars.defaults.mode;
}

/** The mode where it is not the one of the defaults section. */
function otherMode(mode: Mode, { vars }: Context): Mode | undefined {
  return mode === vars.defaults.mode ? undefined : mode;
}

function entryOf(
  given: Entry &
    Pick<Frontend, 'use_backend'> & {
      readonly default_backend: string | undefined;
      /** `frontends.http-in` */
      readonly section: string;
    },
  mode: Mode,
  { host, vars }: Context,
) {
  const isHttp = mode === 'http';
  return {
    binds: given.bind.flatMap((bind) => bindLines(bind, isHttp, addressesOf(bind, host))),
    maxconn: given.maxconn,
    acls: Object.entries(given.acls),
    health: isHttp ? nginxOf(host)?.health : undefined,
    tls: isHttp && given.bind.some(speaksTls),
    https: given.redirect_https ? authorityPort(httpsPort(given.section, vars)) : undefined,
    rules: given.rules,
    use_backend: given.use_backend,
    default_backend: given.default_backend,
  };
}

/** `:8443`; nothing for the port that https has anyway. */
function authorityPort(port: number | undefined): string {
  return port === undefined || port === 443 ? '' : `:${port}`;
}

function bindLines(
  { port, tls, accept_proxy, raw }: Bind,
  isHttp: boolean,
  addresses: readonly string[],
): readonly string[] {
  const alpn = tls?.alpn ?? (isHttp ? ['h2', 'http/1.1'] : []);
  const words = [
    ...(tls === undefined ? [] : ['ssl', ...tls.certificate.map((name) => `crt ${certificatePath(name)}`)]),
    ...(tls === undefined || alpn.length === 0 ? [] : [`alpn ${alpn.join(',')}`]),
    ...(accept_proxy ? ['accept-proxy'] : []),
    ...raw,
  ];
  return addresses.map((address) => [`${address}:${port}`, ...words].join(' '));
}

function poolOf(given: Pool, mode: Mode, context: Context) {
  const { balance, check, cookie, slowstart, stick_table } = given;
  const kind = check.kind ?? mode;
  return {
    balance,
    cookie,
    retry_get_only: given.retry_get_only && mode === 'http',
    stickTable: stick_table && { on: stick_table.on, line: stickTableLine(stick_table) },
    httpCheck: kind === 'http' ? httpCheck(given, context) : undefined,
    defaultServer: kind === 'none' ? undefined : defaultServer(check, slowstart),
    servers: serversOf(given, context.cluster.hosts).map((server) =>
      serverLine(server, cookie !== undefined),
    ),
  };
}

function stickTableLine({ type, size, expire, store, peers }: NonNullable<Backend['stick_table']>): string {
  return [
    `type ${type} size ${size} expire ${expire}`,
    ...(store === undefined ? [] : [`store ${store}`]),
    ...(peers ? [`peers ${PEERS}`] : []),
  ].join(' ');
}

/** Asks the health endpoint of nginx, which is in no site's way; without one, the site itself. */
function httpCheck({ check }: Pick<Backend, 'check'>, { host }: Context) {
  const health = nginxOf(host)?.health;
  const path = check.path ?? health?.path ?? '/';
  const name = check.host ?? health?.server_name;
  return {
    send: `meth GET uri ${path}${name === undefined ? '' : ` ver HTTP/1.1 hdr Host ${name}`}`,
    expect: check.expect,
  };
}

function defaultServer(check: Backend['check'], slowstart: string): string {
  return [
    `check inter ${check.inter} fastinter ${check.fastinter} downinter ${check.downinter}`,
    `fall ${check.fall} rise ${check.rise}`,
    ...(check.observe === 'none'
      ? []
      : [`observe ${check.observe} error-limit ${check.error_limit} on-error ${check.on_error}`]),
    `slowstart ${slowstart}`,
  ].join(' ');
}

function serverLine(server: Server, hasCookie: boolean): string {
  const address = server.address.includes(':') ? `[${server.address}]` : server.address;
  return [
    `${server.name} ${address}:${server.port}`,
    ...(server.weight === undefined ? [] : [`weight ${server.weight}`]),
    ...(hasCookie ? [`cookie ${server.name}`] : []),
    ...(server.backup ? ['backup'] : []),
    ...(server.disabled ? ['disabled'] : []),
    ...server.raw,
  ].join(' ');
}
