import type { Ask, Check, Cluster, Judgement, Seen } from 'run-playbook';
import { defaultBackend, nginxOf, serversOf, vipsOf } from './cluster.ts';
import { isUp, stateReads, statesBy } from './server-states.ts';
import type { HaproxyVars } from './vars.ts';

type Frontend = HaproxyVars['frontends'][string];
type Backend = HaproxyVars['backends'][string];

/** Spread requests one by one; the others keep a client on its server, so that one client sees one server. */
const SPREADING = ['roundrobin', 'static-rr', 'leastconn', 'random'];

/** Where a client asks, and what should answer. */
interface Entrance {
  /** `172.25.254.130:8000` */
  readonly socket: string;
  readonly backend: string;
  /** Servers that take requests while they are up. */
  readonly servers: readonly string[];
  readonly path: string;
  readonly hostName: string;
}

/** Answers through each virtual IP come from every server: what the HAProxies are for. */
export function distributionChecks(cluster: Cluster): readonly Check[] {
  return entrancesOf(cluster).map((entrance) => ({
    name: `answers of ${entrance.socket} come from every server`,
    drift: { class: 'backend', severity: 'degraded' },
    reads: stateReads,
    judge: (seen, ask) => judgeAnswers(entrance, cluster, { seen, ask }),
  }));
}

/** Sockets of the virtual IPs whose answers are looked at one by one. */
export function spreadSockets(cluster: Cluster): readonly string[] {
  return entrancesOf(cluster).map(({ socket }) => socket);
}

/** Frontends that a client reaches in plain HTTP on a virtual IP, with the hosts of the cluster behind them. */
function entrancesOf({ hosts }: Cluster): readonly Entrance[] {
  const [host] = hosts;
  const vars = host?.vars.get('haproxy') as HaproxyVars | undefined;
  const nginx = host && nginxOf(host);
  if (host === undefined || vars === undefined || nginx?.proxied !== true || vars.config !== undefined) {
    return [];
  }
  const vips = vipsOf(host);
  return Object.values(vars.frontends).flatMap((frontend) => {
    const name = defaultBackend(frontend, vars) ?? '';
    const backend = vars.backends[name];
    if (backend === undefined || !isPlain(frontend, vars) || !spreads(backend, vars)) {
      return [];
    }
    const servers = serversOf(backend, hosts)
      .filter(({ fromCluster, backup }) => fromCluster && !backup)
      .map((server) => server.name);
    const { path, server_name: hostName } = nginx.health;
    return socketsFor(frontend, vips).map((socket) => ({ socket, backend: name, servers, path, hostName }));
  });
}

/** A request of ours gets through to the default backend. */
function isPlain(frontend: Frontend, { defaults }: HaproxyVars): boolean {
  const { rules, use_backend, redirect_https, mode = defaults.mode } = frontend;
  return mode === 'http' && !redirect_https && rules.length === 0 && use_backend.length === 0;
}

function spreads({ balance, stick_table, mode, servers }: Backend, { defaults }: HaproxyVars): boolean {
  return (
    (mode ?? defaults.mode) === 'http' &&
    stick_table === undefined &&
    servers.hosts === undefined &&
    SPREADING.includes(balance.split(/[ (]/)[0] ?? '')
  );
}

function socketsFor({ bind }: Frontend, vips: readonly string[]): readonly string[] {
  const plain = bind.filter(({ tls, accept_proxy }) => tls === undefined && !accept_proxy);
  return vips.flatMap((vip) =>
    plain
      .filter(({ address }) => ['*', '[::]', 'vip', vip].includes(address))
      .map(({ port }) => `${vip}:${port}`),
  );
}

async function judgeAnswers(
  { socket, backend, servers, path, hostName }: Entrance,
  { hosts }: Cluster,
  { seen, ask }: { readonly seen: ReadonlyMap<string, Seen>; readonly ask: Ask },
): Promise<Judgement> {
  // Until then the host that holds the address may not serve this port yet.
  if (!hosts.every(({ name }) => ask.converged(name))) {
    return { ok: true, detail: 'asked when every host is done' };
  }
  const url = `http://${socket}${path}`;
  const counts = new Map<string, number>(servers.map((name) => [name, 0]));
  for (let request = 0; request < 2 * servers.length; request++) {
    const answer = await servedBy(url, hostName, ask);
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  const spread = [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
  const silent = servers.filter((name) => counts.get(name) === 0 && isUpEverywhere(name));
  const strange = [...counts.keys()].filter((name) => !servers.includes(name));
  return silent.length === 0 && strange.length === 0
    ? { ok: true, detail: spread, values: { [`answers ${socket}`]: spread } }
    : {
        ok: false,
        detail: spread,
        hint: `look at the backend ${backend} on each host: journalctl -u haproxy -n 50`,
      };

  /** A server that is down is told by the check of the servers. */
  function isUpEverywhere(server: string): boolean {
    return hosts.every((host) => {
      const answers = seen.get(host.name);
      const states = answers && statesBy(answers);
      return states?.some((state) => state.backend === backend && state.name === server && isUp(state));
    });
  }
}

/** The host whose nginx answered, as its health endpoint says; or why none did. */
async function servedBy(url: string, host: string, ask: Ask): Promise<string> {
  try {
    const { status, headers } = await ask.http(url, { host, timeoutMs: 2000 });
    const server = headers['x-served-by'];
    return status === 200 && typeof server === 'string' ? server : `status ${status} of nobody`;
  } catch (error) {
    return `no answer (${error instanceof Error ? error.message : String(error)})`;
  }
}
