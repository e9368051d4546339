import type { Ask, Check, Cluster, ClusterHost, Judgement, Output, Query, Seen } from 'run-playbook';
import { answersOn, socketOn, socketsOf } from './admin-socket.ts';
import { bindsOf } from './cluster.ts';
import { speaksTls } from './https.ts';
import type { HaproxyVars } from './vars.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

interface Certificate {
  readonly file: string;
  readonly endsAt: number;
}

/** What the processes have loaded is valid for some days more, so that somebody hears of it in time. */
export function certificateChecks(cluster: Cluster): readonly Check[] {
  const days = Math.max(0, ...cluster.hosts.filter(offersTls).map((host) => varsOn(host).certificate_days));
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
  const asked = hosts.filter(offersTls).flatMap((host) => {
    const answers = ask.converged(host.name) ? seen.get(host.name) : undefined;
    return answers === undefined ? [] : [{ host, found: certificatesOf(host, answers) }];
  });
  const wrong = asked.flatMap(({ host, found }) =>
    typeof found === 'string' ? [`${host.name} ${found}`] : [],
  );
  if (wrong.length > 0) {
    return {
      ok: false,
      detail: wrong.join('; '),
      hint: 'journalctl -u haproxy -n 50 tells what it has loaded',
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
        hint: 'renew it, and put it where haproxy.certificates or the bind takes it from',
      };
}

/** What the process of a host has loaded, or why nobody knows. */
function certificatesOf(host: ClusterHost, seen: Seen): readonly Certificate[] | string {
  const { exit, stdout } = seen.answer(certificatesOn(socketOn(host)));
  const rows = stdout.split('\n').filter((row) => row !== '');
  const certificates = rows
    .map((row) => row.split('\t'))
    .map(([file = '', end = '']) => ({ file, endsAt: Date.parse(end) }));
  const unknown = certificates.find(({ endsAt }) => Number.isNaN(endsAt));
  if (exit !== 0) {
    return 'does not tell on its admin socket which certificates it has loaded';
  }
  if (unknown !== undefined) {
    return `does not tell when ${unknown.file} ends`;
  }
  return certificates.length > 0 ? certificates : 'has loaded no certificate';
}

function certificatesOn(socket: string): Query<Output> {
  return answersOn(
    socket,
    // 3.0 has names of certificate stores besides paths, as @web/site.
    `for my $file (grep { m{^[/@]} } ask("show ssl cert")) {
  chomp $file;
  my ($end) = map { /^notAfter: (.*)/ } ask("show ssl cert $file");
  print "$file\\t$end\\n";
}`,
  );
}

function offersTls(host: ClusterHost): boolean {
  const vars = varsOn(host);
  return vars.config === undefined
    ? bindsOf(vars).some(({ bind }) => speaksTls(bind))
    : /^\s*bind\s.*\sssl\b/m.test(vars.config);
}

function varsOn(host: ClusterHost): HaproxyVars {
  return host.vars.get('haproxy') as HaproxyVars;
}
