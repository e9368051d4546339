import type { Ask, Check, Cluster, ClusterHost, Judgement, Seen } from 'run-playbook';
import { certificateChecks } from './certificate-check.ts';
import { poolsOf, serversOf } from './cluster.ts';
import { distributionChecks } from './distribution.ts';
import { presenceChecks } from './presence.ts';
import { isUp, stateReads, statesBy, type ServerState } from './server-states.ts';
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
    reads: stateReads(cluster),
    judge: (seen, ask) => judgeServers(cluster, seen, ask),
  };
}

function judgeServers({ hosts }: Cluster, seen: ReadonlyMap<string, Seen>, ask: Ask): Judgement {
  const asked = hosts.flatMap((host) => {
    const answers = ask.converged(host.name) ? seen.get(host.name) : undefined;
    return answers === undefined ? [] : [{ host, states: statesBy(host, answers) }];
  });
  if (asked.length === 0) {
    return { ok: true, detail: 'no host is done yet' };
  }
  const isDemanded = ({ server }: ServerState) =>
    hosts.every(({ name }) => name !== server) || ask.converged(server);
  const wrong = asked.flatMap(({ host, states }) =>
    states === undefined
      ? [`the HAProxy of ${host.name} does not answer on its admin socket`]
      : states
          .filter((state) => isDemanded(state) && !isUp(state) && !isMeant(state, host))
          .map(
            (state) => `the HAProxy of ${host.name} has ${state.server} ${said(state)} in ${state.backend}`,
          ),
  );
  if (wrong.length > 0) {
    return { ok: false, detail: wrong.join('; '), hint: hintFor(wrong.join(' ')) };
  }
  const up = asked.flatMap(({ states = [] }) => states.filter(isUp).map(({ server }) => server));
  const servers = [...new Set(up)];
  const proxies = asked.map(({ host }) => host.name);
  return {
    ok: true,
    detail: `${servers.join(', ') || 'no server'} on ${proxies.join(' and ')}`,
    values: { serversUp: servers.length },
  };
}

/** A server that is declared to start in maintenance stays there until somebody takes it out. */
function isMeant({ backend, server, status }: ServerState, host: ClusterHost): boolean {
  const pools = poolsOf(host.vars.get('haproxy') as HaproxyVars);
  const pool = Object.hasOwn(pools, backend) ? pools[backend] : undefined;
  const declared = pool && serversOf(pool, []).find(({ name }) => name === server);
  return declared?.disabled === true && status.startsWith('MAINT');
}

/** `DOWN (L4CON)`, `MAINT`, `UP, not checked yet`. */
function said({ status, check }: ServerState): string {
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
