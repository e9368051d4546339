import { describe, expect, test } from 'vitest';
import * as v from 'valibot';
import type { Ask, Check, HttpAnswer, Judgement } from '../../src/core/resource.ts';
import type { ClusterHost } from '../../src/core/role.ts';
import { haproxyState } from '../../src/queries/haproxy.ts';
import { checks } from '../../roles/haproxy/checks.ts';
import { vars } from '../../roles/haproxy/vars.ts';
import keepalived from '../../roles/keepalived/index.ts';
import nginx from '../../roles/nginx/index.ts';
import { nameOf, seenFrom, writtenAnswers } from '../golden/observed.ts';

const NAMES = ['svr1', 'svr2'] as const;
const HEAD = '# pxname,svname,qcur,status,check_status,type,\n';
const UP = 'servers,svr1,0,UP,L7OK,2,\nservers,svr2,0,UP,* L7OK,2,\n';

function cluster(haproxy: object = {}) {
  const hosts = NAMES.map((name, index): ClusterHost => ({
    name,
    address: `172.25.254.13${index + 1}`,
    groups: ['web'],
    vars: new Map<string, unknown>([
      ['haproxy', v.parse(vars, haproxy)],
      ['nginx', v.parse(nginx.vars, { proxied: true })],
      ['keepalived', v.parse(keepalived.vars, { vips: [{ address: '172.25.254.130/24' }] })],
    ]),
  }));
  return { hosts };
}

interface Situation {
  /** What svr1 says, and what svr2 does, of the servers; undefined: nothing. */
  readonly said?: readonly (string | undefined)[];
  readonly haproxy?: object;
  readonly done?: readonly string[];
  readonly http?: Ask['http'];
}

function named(words: string, { haproxy = {} }: Situation = {}): Check {
  const found = checks(cluster(haproxy)).find(({ name }) => name.includes(words));
  if (found === undefined) {
    throw new Error(`there is no check of ${words}`);
  }
  return found;
}

async function judged(words: string, situation: Situation): Promise<Judgement> {
  const { said = [UP, UP], done = NAMES, http = () => Promise.reject(new Error('not asked')) } = situation;
  const check = named(words, situation);
  const queries = Object.values(check.reads);
  const seen = said.map((stdout, index) => {
    const output = stdout === undefined ? { exit: 1 } : { exit: 0, stdout };
    const answers = Object.fromEntries(
      queries.map((query) => [nameOf(query), query === haproxyState ? stateOf(stdout) : output]),
    );
    return [NAMES[index] ?? '', seenFrom(queries, writtenAnswers(answers))] as const;
  });
  return check.judge(new Map(seen), { converged: (host) => done.includes(host), http });
}

/** What is read of what HAProxy prints. */
function stateOf(rows: string | undefined): unknown {
  const stdout = `> show stat\n${HEAD}${rows}\n> show servers state\n1\n# be_id be_name srv_name\n\n> show info\n`;
  const frame = { stdout: Buffer.from(rows === undefined ? '' : stdout), exit: rows === undefined ? 1 : 0 };
  return haproxyState.family.parse([frame], [haproxyState.key]).get(haproxyState.key);
}

const answers = (situation: Situation) => judged('come from every server', situation);
const servers = (situation: Situation) => judged('every server is up', situation);

/** Answers of these servers in turn. */
function spread(...names: readonly (string | undefined)[]) {
  const asked: string[] = [];
  const http: Ask['http'] = (url, { host }): Promise<HttpAnswer> => {
    const name = names[asked.length % names.length];
    asked.push(`${url} ${host}`);
    return Promise.resolve({ status: 200, headers: name === undefined ? {} : { 'x-served-by': name } });
  };
  return { asked, http };
}

/** As HAProxy writes the end of a certificate. */
function inDays(days: number): string {
  const date = new Date(Date.now() + days * 24 * 60 * 60 * 1000);
  return date.toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/, '$2 $1 $4 $3 GMT');
}

describe('every server is up in every HAProxy', () => {
  test('holds when each says so of each', async () => {
    expect(await servers({})).toEqual({
      ok: true,
      detail: 'svr1, svr2 on svr1 and svr2',
      values: { serversUp: 2 },
    });
  });

  test('names who says what of whom', async () => {
    const down = UP.replace('svr2,0,UP,* L7OK', 'svr2,0,DOWN,L4CON');
    expect(await servers({ said: [down, UP] })).toMatchObject({
      ok: false,
      detail: 'the HAProxy of svr1 has svr2 DOWN (L4CON) in servers',
    });
  });

  test('a server that was taken out by hand is told, with the way back', async () => {
    const out = UP.replace('svr2,0,UP,* L7OK', 'svr2,0,MAINT,');
    const { ok, detail, hint } = await servers({ said: [UP, out] });
    expect({ ok, detail }).toEqual({ ok: false, detail: 'the HAProxy of svr2 has svr2 MAINT in servers' });
    expect(hint).toContain('systemctl reload haproxy');
  });

  test('a server counts as up only when a check has said so: after a reload all of them look up', async () => {
    const fresh = UP.replace('* L7OK', 'INI');
    expect(await servers({ said: [fresh, UP] })).toMatchObject({
      ok: false,
      detail: 'the HAProxy of svr1 has svr2 UP, not checked yet in servers',
    });
  });

  test('a server without checks is nothing to wait for', async () => {
    const said = 'servers,svr1,0,no check,,2,\n';
    expect(await servers({ said: [said, said] })).toMatchObject({ ok: true });
  });

  test('a HAProxy that does not answer is told', async () => {
    expect(await servers({ said: [UP, undefined] })).toMatchObject({
      ok: false,
      detail: 'the HAProxy of svr2 does not answer on its admin socket',
    });
  });

  test('a host that is not done may be down, and is not asked', async () => {
    const down = UP.replace('svr2,0,UP,* L7OK', 'svr2,0,DOWN,L4CON');
    expect(await servers({ said: [down, undefined], done: ['svr1'] })).toMatchObject({
      ok: true,
      detail: 'svr1 on svr1',
    });
    expect(await servers({ said: [undefined, undefined], done: [] })).toEqual({
      ok: true,
      detail: 'no host is done yet',
    });
  });

  test('a server that is declared to be out may be', async () => {
    const listed = { name: 'spare', address: '10.0.0.9', port: 80, disabled: true };
    const haproxy = { backends: { servers: { servers: { group: 'web', hosts: [listed] } } } };
    const said = `${UP}servers,spare,0,MAINT,,2,\n`;
    expect(await servers({ said: [said, said], haproxy })).toMatchObject({ ok: true });
  });
});

describe('answers through the VIP', () => {
  test('come from every server: asked twice as often as there are servers, as a health check', async () => {
    const { asked, http } = spread('svr1', 'svr2');
    const spreading = 'svr1 2, svr2 2';
    expect(await answers({ http })).toEqual({
      ok: true,
      detail: spreading,
      values: { 'answers 172.25.254.130:8000': spreading },
    });
    expect(asked).toHaveLength(4);
    expect(new Set(asked)).toEqual(new Set(['http://172.25.254.130:8000/healthz ha-health.internal']));
  });

  test('a server that is up and never answers is told', async () => {
    expect(await answers(spread('svr1'))).toMatchObject({ ok: false, detail: 'svr1 4, svr2 0' });
  });

  test('a server that is down is the business of another check', async () => {
    const down = UP.replace('svr2,0,UP,* L7OK', 'svr2,0,DOWN,L4CON');
    expect(await answers({ ...spread('svr1'), said: [down, UP] })).toMatchObject({ ok: true });
  });

  test('what is nobody’s answer is told', async () => {
    expect(await answers(spread('svr1', undefined))).toMatchObject({
      ok: false,
      detail: 'svr1 2, svr2 0, status 200 of nobody 2',
    });
    expect(await answers({})).toMatchObject({ ok: false, detail: 'svr1 0, svr2 0, no answer (not asked) 4' });
  });

  test('are asked for when every host is done: before, the holder may not serve the port', async () => {
    expect(await answers({ done: ['svr2'] })).toEqual({ ok: true, detail: 'asked when every host is done' });
  });

  test.each([
    ['that speaks TLS', { frontends: { a: { bind: [{ port: 443, tls: { certificate: '/a.pem' } }] } } }],
    ['that only this host can reach', { frontends: { a: { bind: ['127.0.0.1:8000'] } } }],
    ['that sends clients elsewhere', { frontends: { a: { redirect_https: true } } }],
    ['whose rules nobody knows', { frontends: { a: { rules: ['http-request deny'] } } }],
    ['that keeps a client on its server', { backends: { servers: { balance: 'source' } } }],
    ['that the user wrote', { config: 'frontend a\n' }],
  ])('are not asked for of a frontend %s', (_, haproxy) => {
    expect(checks(cluster(haproxy)).map(({ name }) => name)).not.toContainEqual(
      expect.stringContaining('come from every server'),
    );
  });
});

const tls = { certificate: '/a.pem' };
const frontends = (...list: readonly object[]) => ({
  frontends: Object.fromEntries(list.map((one, index) => [`f${index}`, one])),
});
/** One with a rule, one for TLS. */
const both = frontends({ bind: [8000], rules: ['http-request deny'] }, { bind: [{ port: 8443, tls }] });
const answering = (status: number) => {
  const asked: unknown[] = [];
  const http: Ask['http'] = (url, request) => {
    asked.push([url, request]);
    return Promise.resolve({ status, headers: {} });
  };
  return { asked, http };
};
const presence = (situation: Situation) => judged('every frontend answers', situation);

describe('what no other check asks of the frontends', () => {
  test('is whether anybody answers, over TLS too, whoever signed the certificate', async () => {
    const { asked, http } = answering(403);
    expect(await presence({ haproxy: both, http })).toEqual({
      ok: true,
      detail: '403 from http://172.25.254.130:8000, 403 from https://172.25.254.130:8443',
    });
    expect(asked).toContainEqual([
      'https://172.25.254.130:8443/healthz',
      { timeoutMs: 2000, verify: false, host: 'ha-health.internal' },
    ]);
  });

  test('holds for neither silence nor an error of the server', async () => {
    expect(await presence({ haproxy: both })).toMatchObject({
      ok: false,
      detail:
        'no answer from http://172.25.254.130:8000: not asked; no answer from https://172.25.254.130:8443: not asked',
    });
    expect(await presence({ haproxy: both, http: answering(503).http })).toMatchObject({ ok: false });
  });

  test('is asked when every host is done', async () => {
    expect(await presence({ haproxy: both, done: ['svr1'] })).toEqual({
      ok: true,
      detail: 'asked when every host is done',
    });
  });

  test('listen sections answer as well, and TLS may be in words of the user', async () => {
    const haproxy = { listen: { own: { bind: [{ port: 9000, raw: ['ssl crt /a.pem'] }] } } };
    expect(await presence({ haproxy, http: answering(200).http })).toMatchObject({
      detail: '200 from https://172.25.254.130:9000',
    });
  });

  test.each([
    ['whose answers are looked at one by one', {}],
    ['that is not for HTTP', frontends({ bind: [8000], mode: 'tcp' })],
    ['that only this host can reach', frontends({ bind: ['127.0.0.1:8000'], rules: ['http-request deny'] })],
    ['behind another proxy', frontends({ bind: [{ port: 8000, accept_proxy: true }] })],
    [
      'that wants a certificate of the client',
      frontends({ bind: [{ port: 1, tls, raw: ['verify required'] }] }),
    ],
    ['that may leave us without an answer', frontends({ bind: [8000], rules: ['http-request silent-drop'] })],
    ['that the user wrote', { config: 'frontend a\n' }],
  ])('is not asked of a frontend %s', (_, haproxy) => {
    expect(checks(cluster(haproxy)).map(({ name }) => name)).not.toContainEqual(
      expect.stringContaining('every frontend answers'),
    );
  });
});

describe('certificates', () => {
  const haproxy = { frontends: { a: { bind: [{ port: 443, tls: { certificate: '/a.pem' } }] } } };
  const told = (...said: readonly (string | undefined)[]) => judged('certificates', { haproxy, said });
  const certificates = (...days: readonly number[]) =>
    told(...NAMES.map(() => days.map((left) => `/${left}.pem\t${inDays(left)}\n`).join('')));

  test('that are valid for long hold, and the first to end is named', async () => {
    const { ok, detail } = await certificates(300, 30);
    expect(ok).toBe(true);
    expect(detail).toMatch(/^\/30\.pem on svr1 ends on \d{4}-\d\d-\d\d$/);
  });

  test('that end soon, or have ended, do not', async () => {
    expect(await certificates(300, 6)).toMatchObject({ ok: false });
    expect((await certificates(-1)).detail).toContain('ended on');
  });

  test('that nobody tells of are no proof, whatever the reason', async () => {
    const good = `/a.pem\t${inDays(300)}\n`;
    expect(await told(good, undefined)).toMatchObject({
      ok: false,
      detail: 'svr2 does not tell on its admin socket which certificates it has loaded',
    });
    expect(await told(good, '')).toMatchObject({ ok: false, detail: 'svr2 has loaded no certificate' });
    expect(await told(good, `${good}/b.pem\tsome day\n`)).toMatchObject({
      ok: false,
      detail: 'svr2 does not tell when /b.pem ends',
    });
  });

  test('are asked for of hosts that are done', async () => {
    expect(await judged('certificates', { haproxy, said: [undefined, undefined], done: [] })).toEqual({
      ok: true,
      detail: 'no host that speaks TLS is done yet',
    });
  });

  test('are not looked at where nobody speaks TLS, or nobody wants it', () => {
    const names = [cluster(), cluster({ ...haproxy, certificate_days: 0 })].flatMap((one) =>
      checks(one).map(({ name }) => name),
    );
    expect(names.filter((name) => name.includes('certificates'))).toEqual([]);
  });
});

test('where HAProxy is to be stopped, nothing is asked', () => {
  expect(checks(cluster({ state: 'stopped' }))).toEqual([]);
});
