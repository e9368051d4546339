import { factsFrom, fileAt, hostFacts, type Check, type Cluster, type Seen } from 'run-playbook';
import { withPrefix } from './configuration.ts';
import type { KeepalivedVars } from './vars.ts';

/** Whether the host carries this address, with any prefix length. */
export function holds(seen: Seen, address: string): boolean {
  const wanted = address.split('/')[0];
  return factsFrom(seen).interfaces.some(({ addresses }) =>
    addresses.some((own) => own.split('/')[0] === wanted),
  );
}

/** Each virtual IP is on exactly one host, all of them asked at the same time. */
export function vipChecks(cluster: Cluster): readonly Check[] {
  const vars = cluster.hosts[0]?.vars.get('keepalived') as KeepalivedVars | undefined;
  return (vars?.vips ?? []).map(({ address }) => {
    const shown = withPrefix(address).split('/')[0] ?? address;
    return {
      name: `VIP ${shown} on exactly one host`,
      reads: { facts: hostFacts },
      judge(seen) {
        const holders = [...seen].filter(([, answers]) => holds(answers, address)).map(([host]) => host);
        const [holder] = holders;
        if (holders.length === 1 && holder !== undefined) {
          return { ok: true, detail: `held by ${holder}`, values: { vip: shown, vipHolder: holder } };
        }
        return holder === undefined
          ? {
              ok: false,
              detail: 'held by no host',
              hint: 'journalctl -u keepalived -n 50 on each host tells why',
            }
          : {
              ok: false,
              detail: `held by ${holders.join(' and ')}`,
              hint: 'the hosts do not hear each other: let VRRP (IP protocol 112) pass between them',
            };
      },
    };
  });
}

/** No host that is done is held back: each could take the VIP over if its holder died now. */
export function redundancyChecks(cluster: Cluster): readonly Check[] {
  const vars = cluster.hosts[0]?.vars.get('keepalived') as KeepalivedVars | undefined;
  const checks = Object.keys(vars?.checks ?? {});
  return (vars?.track ?? []).map((service) => {
    const files = [trackPath(service), ...checks.map(statePath)];
    return {
      name: `every host may hold the VIP (${service})`,
      reads: Object.fromEntries(files.map((path) => [path, fileAt(path)])),
      judge(seen, ask) {
        const done = [...seen].filter(([host]) => ask.converged(host));
        const held = done.flatMap(([host, answers]) => {
          const why = heldBack(answers, service, checks);
          return why === undefined ? [] : [`${host} may not: ${why}`];
        });
        return held.length === 0
          ? { ok: true, detail: done.map(([host]) => host).join(', ') }
          : {
              ok: false,
              detail: held.join('; '),
              hint: `look at ${service} on that host; systemctl restart ${service} starts it and writes the file anew`,
            };
      },
    };
  });
}

/** A check that has said nothing yet, or that says it elsewhere, is no reason. */
function heldBack(answers: Seen, service: string, checks: readonly string[]): string | undefined {
  const text = (path: string) => {
    const state = answers.answer(fileAt(path));
    return state.type === 'file' ? state.content?.toString('utf8').trim() : undefined;
  };
  if (text(trackPath(service)) !== '0') {
    return `${trackPath(service)} is not 0`;
  }
  const failing = checks.find((name) => text(statePath(name)) === 'unhealthy');
  return failing === undefined ? undefined : `${failing} says unhealthy`;
}

/** keepalived watches this file of a service: 0 it runs, 1 it does not. */
export function trackPath(service: string): string {
  return `/run/ha-track/${service}`;
}

/** What a check of the check-script role last said: `healthy` or `unhealthy`. */
function statePath(check: string): string {
  return `/run/ha-track/${check}.state`;
}
