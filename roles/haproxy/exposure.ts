import type { Objection } from 'run-playbook';
import type { Context } from './cluster.ts';
import { sectionsOf, type Section } from './exposed-sections.ts';
import { guardsAll, isGuarded, shows } from './guards.ts';

interface Opening {
  readonly path: string;
  readonly addresses: readonly string[];
}

/** Statistics, metrics and control that others than this host reach without a password. */
export function exposureObjections({ vars }: Context): readonly Objection[] {
  const sections = sectionsOf(vars);
  const openings = sections.flatMap((section) => openingsOf(section, sections));
  const paths = [...new Set(openings.map(({ path }) => path))];
  return [
    ...paths.map((path) => {
      const addresses = openings.filter((one) => one.path === path).flatMap((one) => one.addresses);
      return {
        rule: 'HA182',
        path,
        what: `shows statistics or metrics on ${[...new Set(addresses)].join(', ')} without a password`,
        hint: 'use 127.0.0.1:8404, which the role has for them, or ask for a password (run-playbook explain HA182)',
      };
    }),
    ...openSockets(vars),
  ];
}

/** What a section shows without a guard, by the variable that says so, and where it can be seen. */
function openingsOf(section: Section, all: readonly Section[]): readonly Opening[] {
  const lines = effective(section);
  const paths = lines
    .filter((line) => shows(line) && !isGuarded(line, lines))
    .map((line) => (section.lines.includes(line) ? section.path : section.defaults.path));
  const addresses = reachableAt(section, all).filter((address) => !isLocal(address));
  return addresses.length === 0 ? [] : [...new Set(paths)].map((path) => ({ path, addresses }));
}

/** A section with any word about statistics of its own takes none from the defaults. */
function effective({ lines, defaults }: Section): readonly string[] {
  return [...defaults.lines.filter((line) => !isOfPage(line) || !lines.some(isOfPage)), ...lines];
}

function isOfPage(line: string): boolean {
  return line.startsWith('stats ');
}

/** Where it listens; of a backend, where the frontends listen that send it whatever comes. */
function reachableAt(section: Section, all: readonly Section[]): readonly string[] {
  return section.kind === 'backend'
    ? all
        .filter((one) => one.kind === 'frontend' && sendsTo(section.name, one) && !guardsAll(effective(one)))
        .flatMap(({ addresses }) => addresses)
    : section.addresses;
}

/** A backend whose name is made of the request may be any. */
function sendsTo(backend: string, frontend: Section): boolean {
  return effective(frontend)
    .flatMap((line) => /^(?:use|default)_backend (\S+)/.exec(line)?.[1] ?? [])
    .some((name) => name === backend || name.includes('%['));
}

function openSockets({ config, global }: Context['vars']): readonly Objection[] {
  const declared = [
    ...global.stats_sockets.map(
      (line, index) => [`stats_sockets.${index}`, line.split(/\s+/)[0] ?? ''] as const,
    ),
    ...socketsIn(global.raw).map((socket, index) => [`raw.${index}`, socket] as const),
  ];
  const all =
    config === undefined
      ? declared.map(([name, socket]) => [`haproxy.global.${name}`, socket] as const)
      : socketsIn(config.split('\n')).map((socket) => ['haproxy.config', socket] as const);
  return all
    .filter(([, socket]) => !isLocal(socket))
    .map(([path, socket]) => ({
      rule: 'HA182',
      path,
      what: `opens the admin socket on ${socket}, where it asks for no password`,
      hint: 'use a path below /run/haproxy, or 127.0.0.1',
    }));
}

/** The socket that each line opens; a path where it opens none. */
function socketsIn(lines: readonly string[]): readonly string[] {
  return lines.map((line) => /^\s*stats\s+socket\s+(\S+)/.exec(line)?.[1] ?? '/');
}

/** A path, or an address that only this host reaches. */
function isLocal(socket: string): boolean {
  const address = socket.replace(/^(ipv4|ipv6|tcp|tcp4|tcp6|unix|abnsz?|fd|sockpair)@/, (family) =>
    /^(unix|abnsz?|fd|sockpair)@/.test(family) ? '/' : '',
  );
  return address.startsWith('/') || /^(127\.[\d.]+|\[?::1\]?|localhost)(:|$)/.test(address);
}
