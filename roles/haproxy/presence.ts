import type { Ask, Check, Cluster, Judgement } from 'run-playbook';
import { nginxOf, vipsOf } from './cluster.ts';
import { spreadSockets } from './distribution.ts';
import { speaksTls } from './https.ts';
import type { Bind } from './schema/bind.ts';
import type { HaproxyVars } from './vars.ts';

type Frontend = HaproxyVars['frontends'][string];

/** Words of a bind that a client like ours cannot satisfy. */
const DEMANDING = /\b(accept-proxy|accept-netscaler-cip|interface|namespace|proto|strict-sni|verify)\b/;

/** Rules that leave some clients without an answer, or let them wait for it. */
const SILENT = /\b(reject|silent-drop|tarpit)\b/;

/** Every frontend answers through each virtual IP, whatever its rules make of a request. */
export function presenceChecks(cluster: Cluster): readonly Check[] {
  const urls = urlsOf(cluster);
  return urls.length === 0
    ? []
    : [
        {
          name: 'every frontend answers on the VIP',
          reads: {},
          judge: (_, ask) => judgePresence(urls, cluster, ask),
        },
      ];
}

/** `https://172.25.254.130:8443/`; those whose answers are looked at one by one are left out. */
function urlsOf(cluster: Cluster): readonly string[] {
  const [host] = cluster.hosts;
  const vars = host?.vars.get('haproxy') as HaproxyVars | undefined;
  if (host === undefined || vars === undefined || vars.config !== undefined) {
    return [];
  }
  const known = spreadSockets(cluster).map((socket) => `http://${socket}`);
  const path = nginxOf(host)?.health.path ?? '/';
  const urls = [...Object.values(vars.frontends), ...Object.values(vars.listen)]
    .filter((section) => answersAll(section, vars))
    .flatMap(({ bind }) => bind)
    .filter(({ accept_proxy, raw }) => !accept_proxy && !raw.some((line) => DEMANDING.test(line)))
    .flatMap((bind) => originsOf(bind, vipsOf(host)));
  return [...new Set(urls)].filter((url) => !known.includes(url)).map((url) => `${url}${path}`);
}

function answersAll(
  { mode, rules, raw }: Pick<Frontend, 'mode' | 'rules' | 'raw'>,
  { defaults }: HaproxyVars,
): boolean {
  const lines = [...defaults.raw, ...rules, ...raw];
  return (mode ?? defaults.mode) === 'http' && !lines.some((line) => SILENT.test(line));
}

function originsOf(bind: Bind, vips: readonly string[]): readonly string[] {
  const scheme = speaksTls(bind) ? 'https' : 'http';
  return vips
    .filter((vip) => ['*', '[::]', 'vip', vip].includes(bind.address))
    .map((vip) => `${scheme}://${vip}:${bind.port}`);
}

async function judgePresence(urls: readonly string[], { hosts }: Cluster, ask: Ask): Promise<Judgement> {
  // Until then the host that holds the address may not serve this port yet.
  if (!hosts.every(({ name }) => ask.converged(name))) {
    return { ok: true, detail: 'asked when every host is done' };
  }
  const [first] = hosts;
  const host = first && nginxOf(first)?.health.server_name;
  const answers = await Promise.all(urls.map((url) => answerOf(url, host, ask)));
  const wrong = answers.filter(({ ok }) => !ok);
  return wrong.length === 0
    ? { ok: true, detail: answers.map(({ said }) => said).join(', ') }
    : {
        ok: false,
        detail: wrong.map(({ said }) => said).join('; '),
        hint: 'journalctl -u haproxy -n 50 on the host that holds the VIP tells why',
      };
}

async function answerOf(url: string, host: string | undefined, ask: Ask) {
  const { origin } = new URL(url);
  try {
    // Which names its certificate has is not asked here, nor who signed it.
    const request = { timeoutMs: 2000, verify: false, ...(host !== undefined && { host }) };
    const { status } = await ask.http(url, request);
    return { ok: status < 500, said: `${status} from ${origin}` };
  } catch (error) {
    return {
      ok: false,
      said: `no answer from ${origin}: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
