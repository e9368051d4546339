import type {
  Ask,
  Check,
  CheckDeviation,
  Cluster,
  ClusterHost,
  HaproxyServer,
  Judgement,
  Seen,
} from 'run-playbook';
import { certificateChecks } from './certificate-check.ts';
import { poolsOf, serversOf } from './cluster.ts';
import { distributionChecks } from './distribution.ts';
import { durationMs } from './duration.ts';
import { presenceChecks } from './presence.ts';
import { isUp, stateReads, statesBy } from './server-states.ts';
import type { HaproxyVars } from './vars.ts';

/** What every HAProxy of the cluster must say, and where clients' requests must come out. */
export function checks(cluster: Cluster): readonly Check[] {
  const runs = cluster.hosts.filter((host) => varsOn(host)?.state === 'running');
  return runs.length === 0
    ? []
    : [
        serverCheck({ hosts: runs }),
        ...distributionChecks({ hosts: runs }),
        ...presenceChecks({ hosts: runs }),
        ...certificateChecks({ hosts: runs }),
      ];
}

/** Every server is up in every HAProxy that is done; hosts that are not done yet may be down. */
function serverCheck(cluster: Cluster): Check {
  return {
    name: 'every server is up in every HAProxy',
    drift: { class: 'backend', severity: 'degraded', settlesMs: settlesMs(cluster) },
    reads: stateReads,
    judge: (seen, ask) => judgeServers(cluster, seen, ask),
  };
}

/** Until a server that is back has passed as many checks as it takes. */
function settlesMs({ hosts }: Cluster): number {
  const pools = hosts.flatMap((host) => varsOn(host) ?? []).flatMap((vars) => Object.values(poolsOf(vars)));
  const each = pools.map(({ check: { rise, inter, fastinter, downinter } }) => {
    const pauses = [inter, fastinter, downinter].map(durationMs);
    return 1000 + rise * Math.max(...pauses);
  });
  return Math.max(0, ...each);
}

interface Wrong {
  readonly deviation: CheckDeviation;
  readonly said: string;
}

function judgeServers({ hosts }: Cluster, seen: ReadonlyMap<string, Seen>, ask: Ask): Judgement {
  const asked = hosts.flatMap((host) => {
    const answers = ask.converged(host.name) ? seen.get(host.name) : undefined;
    return answers === undefined ? [] : [{ host, states: statesBy(answers) }];
  });
  if (asked.length === 0) {
    return { ok: true, detail: 'no host is done yet' };
  }
  const isDemanded = (server: HaproxyServer) =>
    hosts.every(({ name }) => name !== server.name) || ask.converged(server.name);
  const wrong = asked.flatMap(({ host, states }): readonly Wrong[] =>
    states === undefined
      ? [silent(host.name)]
      : states
          .filter((state) => isDemanded(state) && !isUp(state) && !isMeant(state, host))
          .map((state) => notUp(state, host.name)),
  );
  const said = wrong.map((one) => one.said).join('; ');
  if (wrong.length > 0) {
    const deviations = wrong.map(({ deviation }) => deviation);
    return { ok: false, detail: said, hint: hintFor(said), deviations };
  }
  const up = asked.flatMap(({ states = [] }) => states.filter(isUp).map(({ name }) => name));
  const servers = [...new Set(up)];
  const proxies = asked.map(({ host }) => host.name);
  return {
    ok: true,
    detail: `${servers.join(', ') || 'no server'} on ${proxies.join(' and ')}`,
    values: { serversUp: servers.length },
  };
}

function silent(host: string): Wrong {
  return {
    deviation: { host, item: 'haproxy admin socket', found: 'does not answer', expected: 'answers' },
    said: `the HAProxy of ${host} does not answer on its admin socket`,
  };
}

function notUp(state: HaproxyServer, host: string): Wrong {
  const { backend, name } = state;
  const found = stateText(state);
  return {
    deviation: { host, item: `server ${backend}/${name}`, found, expected: 'UP', because: [name] },
    said: `the HAProxy of ${host} has ${name} ${found} in ${backend}`,
  };
}

/** A server that is declared to start in maintenance stays there until somebody takes it out. */
function isMeant({ backend, status, ...server }: HaproxyServer, host: ClusterHost): boolean {
  const pool = poolsOf(host.vars.get('haproxy') as HaproxyVars)[backend];
  const declared = pool && serversOf(pool, []).find(({ name }) => name === server.name);
  return declared?.disabled === true && status.startsWith('MAINT');
}

/** `DOWN (L4CON)`, `MAINT`, `UP, not checked yet`. */
function stateText({ status, check }: HaproxyServer): string {
  if (status.startsWith('UP')) {
    return `${status}, not checked yet`;
  }
  return status.startsWith('DOWN') ? `${status} (${check})` : status;
}

function hintFor(wrong: string): string {
  return /\b(MAINT|DRAIN)\b/.test(wrong)
    ? 'somebody took it out by hand: systemctl reload haproxy brings it back'
    : 'journalctl -u haproxy -n 50 tells why; is nginx running on that host?';
}

function varsOn(host: ClusterHost): HaproxyVars | undefined {
  return host.vars.get('haproxy') as HaproxyVars | undefined;
}
