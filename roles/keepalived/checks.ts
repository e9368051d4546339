import { factsFrom, fileAt, hostFacts, type Check, type Cluster, type Seen } from 'run-playbook';
import { withoutPrefix } from './configuration.ts';
import { ownersOf, preemptionOf } from './owners.ts';
import type { KeepalivedVars } from './vars.ts';

/** Beyond this no run waits for a virtual IP to return. */
const LONGEST_DELAY_SECONDS = 10;

/** Whether the host carries this address, with any prefix length. */
export function holds(seen: Seen, address: string): boolean {
  const wanted = withoutPrefix(address);
  return factsFrom(seen).interfaces.some(({ addresses }) =>
    addresses.some((own) => withoutPrefix(own) === wanted),
  );
}

/** Each virtual IP is on exactly one host, all of them asked at the same time. */
export function vipChecks(cluster: Cluster): readonly Check[] {
  const vars = cluster.hosts[0]?.vars.get('keepalived') as KeepalivedVars | undefined;
  const settlesMs = 500 + 4000 * (vars?.advert_int ?? 1);
  const isWhole = (seen: ReadonlyMap<string, Seen>) => cluster.hosts.every(({ name }) => seen.has(name));
  return (vars?.vips ?? []).map(({ address }) => {
    const shown = withoutPrefix(address);
    return {
      name: `VIP ${shown} on exactly one host`,
      reads: { facts: hostFacts },
      drift: { class: 'vip', severity: 'degraded', settlesMs },
      // Long enough for a host that hears no adverts to take the address as well.
      steadyMs: settlesMs,
      judge(seen) {
        const holders = [...seen].filter(([, answers]) => holds(answers, address)).map(([host]) => host);
        const [holder] = holders;
        if (holders.length === 1 && holder !== undefined) {
          return { ok: true, detail: `held by ${holder}`, values: { vip: shown, vipHolder: holder } };
        }
        const found = holder === undefined ? 'on no host' : `on ${holders.join(' and ')}`;
        const deviation = { item: `VIP ${shown}`, found, expected: 'on exactly one host' };
        return holder === undefined
          ? {
              ok: false,
              detail: 'held by no host',
              hint: 'journalctl -u keepalived -n 50 on each host tells why',
              // A host that does not answer may hold it.
              deviations: isWhole(seen) ? [deviation] : [],
            }
          : {
              ok: false,
              detail: `held by ${holders.join(' and ')}`,
              hint: 'the hosts do not hear each other: let VRRP (IP protocol 112) pass between them',
              deviations: [deviation],
            };
      },
    };
  });
}

/** In `vip_mode: dual` every host does its share: each virtual IP is on its owner, once that host is done. */
export function ownerChecks(cluster: Cluster): readonly Check[] {
  const vars = cluster.hosts[0]?.vars.get('keepalived') as KeepalivedVars | undefined;
  if (vars?.vip_mode !== 'dual') {
    return [];
  }
  const { preempt, preempt_delay: delay = 0 } = preemptionOf(vars);
  if (!preempt || delay > LONGEST_DELAY_SECONDS) {
    return [];
  }
  const owners = ownersOf(vars, cluster);
  return [
    {
      name: 'each VIP on its owner',
      reads: { facts: hostFacts },
      drift: { class: 'vip', severity: 'degraded', settlesMs: 2000 + 1000 * delay },
      judge(seen, ask) {
        const done = vars.vips.flatMap(({ address }, index) => {
          const owner = owners[index] ?? '';
          const answers = ask.converged(owner) ? seen.get(owner) : undefined;
          const shown = withoutPrefix(address);
          return answers === undefined ? [] : [{ shown, owner, isThere: holds(answers, address) }];
        });
        const astray = done.filter(({ isThere }) => !isThere);
        const [first] = astray;
        return first === undefined
          ? {
              ok: true,
              detail:
                done.map(({ shown, owner }) => `${shown} on ${owner}`).join(', ') || 'no owner is done yet',
            }
          : {
              ok: false,
              detail: astray.map(({ shown, owner }) => `${shown} not on ${owner}`).join(', '),
              hint: `it returns ${delay} s after ${first.owner} can serve again: journalctl -n 50 -u keepalived there`,
              deviations: astray.map(({ shown, owner }) => ({
                item: `VIP ${shown} owner`,
                found: `not on ${owner}`,
                expected: `on ${owner}`,
                because: [owner],
              })),
            };
      },
    },
  ];
}

/**
 * Every host that is done could take the virtual IP over if its holder died now: keepalived itself says so,
 * and nothing that it watches says otherwise meanwhile.
 */
export function redundancyChecks(cluster: Cluster): readonly Check[] {
  const vars = cluster.hosts[0]?.vars.get('keepalived') as KeepalivedVars | undefined;
  if (vars === undefined) {
    return [];
  }
  const reasons: readonly Reason[] = [
    ...vars.track.map((name): Reason => ({
      path: trackPath(name),
      isFine: (text) => text === '0',
      why: () => `${trackPath(name)} is not 0`,
    })),
    ...Object.keys(vars.checks).map((name): Reason => ({
      path: statePath(name),
      // A check that has said nothing yet, or that says it elsewhere, is no reason.
      isFine: (text) => text !== 'unhealthy',
      why: () => `${name} says unhealthy`,
    })),
    ...vars.vips.map((_, index): Reason => ({
      path: statePath(`VI_${index + 1}`),
      isFine: (text) => text === 'MASTER' || text === 'BACKUP',
      why: (text) => `keepalived has said ${text === '' ? 'nothing yet' : text} of VI_${index + 1}`,
    })),
  ];
  return [
    {
      name: 'every host may hold the VIP',
      drift: { class: 'redundancy', severity: 'degraded', settlesMs: recoveryMs(vars) },
      reads: Object.fromEntries(reasons.map(({ path }) => [path, fileAt(path)])),
      judge(seen, ask) {
        const done = [...seen].filter(([host]) => ask.converged(host));
        const held = done.flatMap(([host, answers]) => {
          const why = heldBack(answers, reasons);
          return why === undefined ? [] : [{ host, why }];
        });
        return held.length === 0
          ? { ok: true, detail: done.map(([host]) => host).join(', ') || 'no host is done yet' }
          : {
              ok: false,
              detail: held.map(({ host, why }) => `${host} may not: ${why}`).join('; '),
              hint: holdBackHint(vars),
              deviations: held.map(({ host, why }) => ({
                host,
                item: 'VIP takeover',
                found: why,
                expected: 'can hold a VIP',
              })),
            };
      },
    },
  ];
}

/** Until keepalived, once it is started again by systemd, has heard from its checks as often as it takes. */
function recoveryMs({ checks }: KeepalivedVars): number {
  const each = Object.values(checks).map(({ interval, rise }) => interval * rise * 1000);
  return 1500 + Math.max(0, ...each);
}

/** What may keep a host from holding the address: one file of /run/ha-track, and what it should say. */
interface Reason {
  readonly path: string;
  isFine(text: string): boolean;
  why(text: string): string;
}

function heldBack(answers: Seen, reasons: readonly Reason[]): string | undefined {
  for (const { path, isFine, why } of reasons) {
    const state = answers.answer(fileAt(path));
    const text = state.type === 'file' ? (state.content?.toString('utf8').trim() ?? '') : '';
    if (!isFine(text)) {
      return why(text);
    }
  }
  return undefined;
}

function holdBackHint({ track }: KeepalivedVars): string {
  const services = track.join(' or ');
  const cure = track.length === 0 ? '' : `; if ${services} runs, run again: its track file is set to 0`;
  return `look at ${['keepalived', ...track].join(' and ')} on that host: journalctl -n 50 -u keepalived${cure}`;
}

/** keepalived watches this file of a service: 0 it runs, 1 it does not. */
export function trackPath(service: string): string {
  return `/run/ha-track/${service}`;
}

/** What a check, or keepalived of one of its instances, last said. */
export function statePath(name: string): string {
  return `/run/ha-track/${name}.state`;
}
