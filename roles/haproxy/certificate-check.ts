import type { Ask, Check, Cluster, ClusterHost, Judgement, Output, Query, Seen } from 'run-playbook';
import { answersOn, socketOn, socketsOf } from './admin-socket.ts';
import { bindsOf } from './cluster.ts';
import type { HaproxyVars } from './vars.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

interface Certificate {
  readonly file: string;
  readonly endsAt: number;
}

/** What the processes have loaded is valid for some days more, so that somebody hears of it in time. */
export function certificateChecks(cluster: Cluster): readonly Check[] {
  const days = Math.max(0, ...cluster.hosts.filter(speaksTls).map((host) => varsOn(host).certificate_days));
  return days === 0
    ? []
    : [
        {
          name: `certificates are valid for ${days} more days`,
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
  const loaded = hosts.flatMap((host) => {
    const answers = ask.converged(host.name) ? seen.get(host.name) : undefined;
    return (answers === undefined ? [] : certificatesOf(host, answers)).map((one) => ({
      ...one,
      host: host.name,
    }));
  });
  const first = loaded.toSorted((a, b) => a.endsAt - b.endsAt)[0];
  if (first === undefined) {
    return { ok: true, detail: 'none is loaded yet' };
  }
  const left = (first.endsAt - Date.now()) / DAY_MS;
  const day = new Date(first.endsAt).toISOString().slice(0, 10);
  const detail = `${first.file} on ${first.host} ${left < 0 ? 'ended' : 'ends'} on ${day}`;
  return left >= days
    ? { ok: true, detail }
    : {
        ok: false,
        detail,
        hint: 'renew it, and put it where haproxy.certificates or the bind takes it from',
      };
}

function certificatesOf(host: ClusterHost, seen: Seen): readonly Certificate[] {
  const { stdout } = seen.answer(certificatesOn(socketOn(host)));
  return stdout
    .split('\n')
    .map((row) => row.split('\t'))
    .flatMap(([file = '', end = '']) => {
      const endsAt = Date.parse(end);
      return Number.isNaN(endsAt) ? [] : [{ file, endsAt }];
    });
}

function certificatesOn(socket: string): Query<Output> {
  return answersOn(
    socket,
    `for my $file (grep { m{^/} } ask("show ssl cert")) {
  chomp $file;
  for (ask("show ssl cert $file")) { print "$file\\t$1\\n" if /^notAfter: (.*)/ }
}`,
  );
}

function speaksTls(host: ClusterHost): boolean {
  const vars = varsOn(host);
  return vars.config === undefined
    ? bindsOf(vars).some(({ bind }) => bind.tls !== undefined)
    : /^\s*bind\s.*\sssl\b/m.test(vars.config);
}

function varsOn(host: ClusterHost): HaproxyVars {
  return host.vars.get('haproxy') as HaproxyVars;
}
