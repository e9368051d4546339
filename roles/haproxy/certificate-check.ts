import { endingCertificates } from 'run-playbook';
import type { Ask, Check, Cluster, ClusterHost, Judgement, Seen } from 'run-playbook';
import { socketsOf } from './admin-socket.ts';
import { certificatesOf, certificatesOn, offersTls } from './loaded-certificates.ts';
import type { HaproxyVars } from './vars.ts';

/** What is to be done about one that ends. */
export const RENEW = 'renew it, and put it where haproxy.certificates or the bind takes it from';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What the processes have loaded is valid for some days more, so that somebody hears of it in time. */
export function certificateChecks(cluster: Cluster): readonly Check[] {
  const days = Math.max(0, ...cluster.hosts.filter(offersTls).map((host) => varsOn(host).certificate_days));
  return days === 0
    ? []
    : [
        {
          name: `certificates are valid for ${days} more days`,
          drift: { class: 'certificate', severity: 'drift' },
          reads: Object.fromEntries(socketsOf(cluster).map((socket) => [socket, certificatesOn(socket)])),
          judge: (seen, ask) => judgeCertificates(cluster, seen, { ask, days }),
        },
      ];
}

function judgeCertificates(
  { hosts }: Cluster,
  seen: ReadonlyMap<string, Seen>,
  { ask, days }: { readonly ask: Ask; readonly days: number },
): Judgement {
  const asked = hosts.filter(offersTls).flatMap((host) => {
    const answers = ask.converged(host.name) ? seen.get(host.name) : undefined;
    return answers === undefined ? [] : [{ host, found: certificatesOf(host, answers) }];
  });
  const wrong = asked.flatMap(({ host, found }) =>
    typeof found === 'string' ? [{ host: host.name, found }] : [],
  );
  if (wrong.length > 0) {
    return {
      ok: false,
      detail: wrong.map(({ host, found }) => `${host} ${found}`).join('; '),
      hint: 'journalctl -u haproxy -n 50 tells what it has loaded',
      deviations: wrong.map((one) => ({ ...one, item: 'loaded certificates', expected: 'known' })),
    };
  }
  const loaded = asked.flatMap(({ host, found }) =>
    typeof found === 'string' ? [] : found.map((one) => ({ ...one, host: host.name })),
  );
  const first = loaded.toSorted((a, b) => a.endsAt - b.endsAt)[0];
  if (first === undefined) {
    return { ok: true, detail: 'no host that speaks TLS is done yet' };
  }
  const left = (first.endsAt - Date.now()) / DAY_MS;
  const day = new Date(first.endsAt).toISOString().slice(0, 10);
  const detail = `${first.file} on ${first.host} ${left < 0 ? 'ended' : 'ends'} on ${day}`;
  return left >= days
    ? { ok: true, detail }
    : {
        ok: false,
        detail,
        hint: RENEW,
        deviations: endingCertificates(
          loaded.map(({ file: name, ...rest }) => ({ ...rest, name })),
          { days, hint: RENEW },
        ).map(({ item, found, expected, host = '' }) => ({ host, item, found, expected })),
      };
}

function varsOn(host: ClusterHost): HaproxyVars {
  return host.vars.get('haproxy') as HaproxyVars;
}
