import type { Objection } from 'run-playbook';
import type { Context } from './cluster.ts';

interface Section {
  readonly path: string;
  readonly addresses: readonly string[];
  readonly lines: readonly string[];
}

/** Statistics, metrics and control that others than this host reach without a password. */
export function exposureObjections({ vars }: Context): readonly Objection[] {
  const sections = vars.config === undefined ? declaredSections(vars) : sectionsIn(vars.config);
  const open = sections.filter(
    ({ addresses, lines }) =>
      addresses.some((address) => !isLocal(address)) && lines.some(shows) && !lines.some(asksForPassword),
  );
  return [
    ...open.map(({ path, addresses }) => ({
      rule: 'HA182',
      path,
      what: `shows statistics or metrics on ${addresses.filter((address) => !isLocal(address)).join(', ')} without a password`,
      hint: 'use 127.0.0.1:8404, which the role has for them, or add a line: stats auth USER:PASSWORD',
    })),
    ...openSockets(vars),
  ];
}

function declaredSections({ frontends, listen }: Context['vars']): readonly Section[] {
  const sections = [
    ...Object.entries(frontends).map(([name, section]) => [`haproxy.frontends.${name}`, section] as const),
    ...Object.entries(listen).map(([name, section]) => [`haproxy.listen.${name}`, section] as const),
  ];
  return sections.map(([path, { bind, rules, raw }]) => ({
    path,
    addresses: bind.map(({ address, port }) => `${address}:${port}`),
    lines: [...rules, ...raw].map((line) => line.trim()),
  }));
}

/** The sections of a whole file, as far as this rule asks. */
function sectionsIn(config: string): readonly Section[] {
  const lines = config.split('\n').map((line) => line.replace(/#.*$/, '').trim());
  const starts = lines.flatMap((line, index) => (/^(frontend|listen)\s/.test(line) ? [index] : []));
  return starts.map((start) => {
    const after = lines.slice(start + 1);
    const end = after.findIndex((line) =>
      /^(global|defaults|frontend|backend|listen|userlist|peers|resolvers|cache|program|http-errors|ring)\b/.test(
        line,
      ),
    );
    const own = end < 0 ? after : after.slice(0, end);
    return {
      path: 'haproxy.config',
      addresses: own.flatMap((line) => /^bind\s+(\S+)/.exec(line)?.[1]?.split(',') ?? []),
      lines: own,
    };
  });
}

function openSockets({ config, global }: Context['vars']): readonly Objection[] {
  const written = config === undefined ? [] : config.split('\n');
  const inFile = written.flatMap((line) => /^\s*stats\s+socket\s+(.+)$/.exec(line)?.[1] ?? []);
  const declared = config === undefined ? global.stats_sockets : [];
  const all = [
    ...declared.map((line, index) => [`haproxy.global.stats_sockets.${index}`, line] as const),
    ...inFile.map((line) => ['haproxy.config', line] as const),
  ];
  return all.flatMap(([path, line]) => {
    const [socket = ''] = line.split(/\s+/);
    return isLocal(socket)
      ? []
      : [
          {
            rule: 'HA182',
            path,
            what: `opens the admin socket on ${socket}, where it asks for no password`,
            hint: 'use a path below /run/haproxy, or 127.0.0.1',
          },
        ];
  });
}

function shows(line: string): boolean {
  return /^stats\s+(enable|uri|admin|show-)/.test(line) || /\bprometheus-exporter\b/.test(line);
}

function asksForPassword(line: string): boolean {
  return /^stats\s+auth\s/.test(line) || /^(stats\s+)?http-request\s+(auth|deny)\b/.test(line);
}

/** A path, or an address that only this host reaches. */
function isLocal(socket: string): boolean {
  const address = socket.replace(/^(ipv4|ipv6|tcp|tcp4|tcp6|unix|abns|fd)@/, (family) =>
    /^(unix|abns|fd)@/.test(family) ? '/' : '',
  );
  return address.startsWith('/') || /^(127\.[\d.]+|\[?::1\]?|localhost)(:|$)/.test(address);
}
