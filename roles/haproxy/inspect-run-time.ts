import {
  haproxyState,
  type Cluster,
  type ClusterHost,
  type HaproxyServer,
  type HaproxyState,
  type Observation,
  type Seen,
} from 'run-playbook';
import { poolsOf, serversOf } from './cluster.ts';
import type { HaproxyVars } from './vars.ts';

const RELOAD = 'somebody changed it on the admin socket: systemctl reload haproxy takes it back';

/** What was changed on the admin socket, besides what servers' own states tell. */
export function runTimeObservations(host: ClusterHost, seen: Seen, cluster: Cluster): readonly Observation[] {
  const state = seen.answer(haproxyState);
  const vars = host.vars.get('haproxy') as HaproxyVars;
  if (state === undefined) {
    return [];
  }
  return [
    ...frontendObservations(state, vars),
    ...(state.maxconn === state.configuredMaxconn
      ? []
      : [
          about('global maxconn', {
            found: String(state.maxconn),
            expected: String(state.configuredMaxconn),
          }),
        ]),
    ...(vars.config === undefined ? serverObservations(state, vars, cluster) : []),
  ].map((observation) => ({ ...observation, host: host.name }));
}

type About = Omit<Observation, 'host'>;

function about(item: string, found: Partial<About> & Pick<About, 'found' | 'expected'>): About {
  return { item, class: 'backend', severity: 'drift', hint: RELOAD, ...found };
}

function frontendObservations({ frontends }: HaproxyState, vars: HaproxyVars): readonly About[] {
  return frontends.flatMap(({ name, status, maxconn }) => {
    const declared = vars.config === undefined ? (vars.frontends[name] ?? vars.listen[name]) : undefined;
    const isOpen = status === 'OPEN';
    const isRaw = declared?.raw.some((line) => /^\s*maxconn\b/.test(line)) === true;
    const wanted = declared === undefined || isRaw ? maxconn : declared.maxconn;
    return [
      ...(isOpen
        ? []
        : [about(`frontend ${name}`, { severity: 'degraded', found: status, expected: 'OPEN' })]),
      ...(maxconn === wanted
        ? []
        : [
            about(`frontend ${name} maxconn`, {
              found: String(maxconn),
              expected: String(wanted),
              ofVariables: true,
            }),
          ]),
    ];
  });
}

/** Servers that came, went or moved. */
function serverObservations(
  { servers }: HaproxyState,
  vars: HaproxyVars,
  { hosts }: Cluster,
): readonly About[] {
  return Object.entries(poolsOf(vars)).flatMap(([backend, pool]) => {
    const declared = serversOf(pool, hosts);
    const running = servers.filter((server) => server.backend === backend);
    const isDeclared = (server: HaproxyServer) => declared.some(({ name }) => name === server.name);
    // A line of the user's own may be a server, or a template for some.
    const raw = (vars.backends[backend] ?? vars.listen[backend])?.raw ?? [];
    const isWhole = !raw.some((line) => /^\s*(use-)?server(-template)?\b/.test(line));
    const item = (name: string) => `server ${backend}/${name}`;
    return [
      ...declared.flatMap(({ name, address, port }) => {
        const found = running.find((server) => server.name === name);
        if (found === undefined) {
          return [
            about(item(name), {
              severity: 'degraded',
              found: 'not there',
              expected: 'UP',
              ofVariables: true,
            }),
          ];
        }
        const [is, should] = [`${found.address}:${found.port}`, `${address}:${port}`];
        return is === should || !/^[\d.]+$/.test(address)
          ? []
          : [about(`${item(name)} address`, { found: is, expected: should, ofVariables: true })];
      }),
      ...running
        .filter((server) => isWhole && !isDeclared(server))
        .map(({ name }) =>
          about(item(name), { found: 'added at run time', expected: 'not there', ofVariables: true }),
        ),
    ];
  });
}
