import type { Family, Query } from '../core/query.ts';
import { sh } from '../core/script.ts';

/** What a running HAProxy says of itself on its admin socket. */
export interface HaproxyState {
  readonly frontends: readonly HaproxyFrontend[];
  readonly servers: readonly HaproxyServer[];
  readonly maxconn: number;
  /** What it started with. */
  readonly configuredMaxconn: number;
}

export interface HaproxyFrontend {
  readonly name: string;
  /** `OPEN`, `PAUSED` or `STOP`. */
  readonly status: string;
  readonly maxconn: number;
}

/** One server of a backend or of a listen section. */
export interface HaproxyServer {
  readonly backend: string;
  readonly name: string;
  /** `UP`, `DOWN`, `MAINT`, `DRAIN`, `no check`, with what it is about to become. */
  readonly status: string;
  /** How the last check ended: `L7OK`; `INI` or nothing before the first one. */
  readonly check: string;
  readonly address: string;
  readonly port: number;
  /** Its share of the requests. */
  readonly weight: number;
  readonly configuredWeight: number;
  /** What somebody has set at run time, and no reload has taken back yet. */
  readonly byHand: readonly ByHand[];
}

export type ByHand = 'maintenance' | 'drained' | 'enabled' | 'checks off';

/** Bits of srv_admin_state and srv_check_state (HAProxy's management.txt, `show servers state`). */
const ADMIN = { forcedMaintenance: 0x01, configuredMaintenance: 0x04, forcedDrain: 0x08 } as const;
const CHECKS = { configured: 0x02, enabled: 0x04 } as const;

/**
 * Perl, which every Debian has, on the socket that the configuration names: it needs no password, and is there
 * without a statistics page.
 */
const haproxy: Family<HaproxyState | undefined> = {
  name: 'haproxy',
  scripts: () => [
    sh`[ -e /etc/haproxy/haproxy.cfg ] || exit 1
timeout 3 perl -MIO::Socket::UNIX - <<'END'
open(my $file, '<', '/etc/haproxy/haproxy.cfg') or exit 1;
my ($path) = map { m{^\\s*stats\\s+socket\\s+(?:unix\\@)?(/\\S+)} ? $1 : () } <$file>;
exit 1 unless defined $path;
for my $question ('show stat -1 5 -1', 'show servers state', 'show info') {
  my $socket = IO::Socket::UNIX->new($path) or exit 1;
  print $socket "$question\\n";
  print "> $question\\n", <$socket>;
}
END`,
  ],
  parse([frame], keys) {
    const state = frame?.exit === 0 ? parseState(frame.stdout.toString('utf8')) : undefined;
    return new Map(keys.map((key) => [key, state]));
  },
};

/** The HAProxy that runs on a host; undefined where none answers on the admin socket of /etc/haproxy/haproxy.cfg. */
export const haproxyState: Query<HaproxyState | undefined> = { family: haproxy, key: 'running' };

type Row = (column: string) => string;

/** Undefined when it is no answer of a HAProxy's. */
function parseState(text: string): HaproxyState | undefined {
  const [, stat = '', states = '', info = ''] = text.split(/^> .*\n/m);
  const rows = table(stat, ',', /^# /);
  const stated = table(states.replace(/^\d+\n/, ''), ' ', /^# /);
  if (rows === undefined || stated === undefined) {
    return undefined;
  }
  const infoOf = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return {
    frontends: rows
      .filter((row) => row('svname') === 'FRONTEND')
      .map((row) => ({ name: row('pxname'), status: row('status'), maxconn: Number(row('slim')) })),
    servers: rows
      .filter((row) => row('type') === '2')
      .map((row) => serverOf(row, stated.find((one) => isSame(one, row)) ?? (() => ''))),
    maxconn: infoOf('Maxconn'),
    configuredMaxconn: infoOf('Hard_maxconn'),
  };
}

function isSame(stated: Row, row: Row): boolean {
  return stated('be_name') === row('pxname') && stated('srv_name') === row('svname');
}

function serverOf(row: Row, stated: Row): HaproxyServer {
  const admin = Number(stated('srv_admin_state'));
  const checks = Number(stated('srv_check_state'));
  const isForced = (admin & ADMIN.forcedMaintenance) > 0;
  const isConfigured = (admin & ADMIN.configuredMaintenance) > 0;
  return {
    backend: row('pxname'),
    name: row('svname'),
    status: row('status'),
    check: row('check_status').replace(/^\* ?/, ''),
    address: stated('srv_addr'),
    port: Number(stated('srv_port')),
    weight: Number(stated('srv_uweight')),
    configuredWeight: Number(stated('srv_iweight')),
    byHand: [
      ...(isForced && !isConfigured ? (['maintenance'] as const) : []),
      ...(isConfigured && !isForced ? (['enabled'] as const) : []),
      ...((admin & ADMIN.forcedDrain) > 0 ? (['drained'] as const) : []),
      ...((checks & CHECKS.configured) > 0 && (checks & CHECKS.enabled) === 0
        ? (['checks off'] as const)
        : []),
    ],
  };
}

/** The rows below a line of column names. */
function table(text: string, separator: string, head: RegExp): readonly Row[] | undefined {
  const [names = '', ...rows] = text.split('\n').filter((line) => line !== '');
  if (!head.test(names)) {
    return undefined;
  }
  const columns = names.replace(head, '').split(separator);
  return rows
    .map((row) => row.split(separator))
    .map((row) => (column: string) => row[columns.indexOf(column)] ?? '');
}
