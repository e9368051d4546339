import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checks } from '../../roles/haproxy/checks.ts';
import { vars } from '../../roles/haproxy/vars.ts';
import { enterCommand, labDown, labUp } from '../../scripts/lab/index.ts';
import type { CheckDocument, RunDocument } from '../../src/report/document.ts';
import { startClients, tell } from './support/clients.ts';
import { ADDRESSES, cannotRunLab, HOSTS, onHost, phase2, VIP, type HostName } from './support/pair.ts';
import { run } from './support/run.ts';
import { until } from './support/until.ts';

const NAME = `t-haproxy-${process.pid}`;
const CONF = '/etc/haproxy/haproxy.cfg';
const FILES = mkdtempSync(join(tmpdir(), 'haproxy-'));

/** As an administrator does it, with what the host has. */
const TAKEN_OUT = `perl -MIO::Socket::UNIX -e '
  $socket = IO::Socket::UNIX->new("/run/haproxy/admin.sock");
  print $socket "set server servers/svr2 state maint\\n";
  print <$socket>'`;

/** Sockets to be opened, one of them for TLS, and a password that needs its quotes. */
const WITH_TLS = {
  frontends: {
    web: { bind: [8000, 'vip:8010', { port: 8443, tls: { certificate: 'shop' } }] },
    moved: { bind: [8020], redirect_https: true },
  },
  local: { stats_auth: { user: 'admin', password: `it's "a" $ecret` } },
};
const CHANGED = ['sysctl net.ipv4.ip_nonlocal_bind', 'files haproxy', 'service haproxy'];

/** A run with these variables of the role. */
const applied = (haproxy: object): Promise<RunDocument> => phase2(NAME, '-e', JSON.stringify({ haproxy }));

/** A certificate with its key, as one PEM text. */
async function certificate(name: string): Promise<string> {
  const [key, cert] = [join(FILES, `${name}.key`), join(FILES, `${name}.crt`)];
  const subject = ['-subj', `/CN=${name}`, '-days', '30'];
  const argv = ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject];
  const { code, stderr } = await run([...argv, '-keyout', key, '-out', cert]);
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return readFileSync(cert, 'utf8') + readFileSync(key, 'utf8');
}

/** How the VIP greets a client of TLS. */
async function handshake(port: number): Promise<string> {
  const argv = ['openssl', 's_client', '-connect', `${VIP}:${port}`, '-alpn', 'h2'];
  return (await run(enterCommand(NAME, argv))).stdout;
}

/** Where the VIP sends those that ask its port 8020 for this, as this host. */
async function redirected(path: string, host: string): Promise<string> {
  const request = `GET ${path} HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: close\\r\\n\\r\\n`;
  const ask = `exec 3<>/dev/tcp/${VIP}/8020 && printf '${request}' >&3 && cat <&3`;
  const { stdout } = await run(enterCommand(NAME, ['timeout', '5', 'bash', '-c', ask]));
  return /^location: (.*)\r$/im.exec(stdout)?.[1] ?? stdout;
}

/** Statistics with a password that only a line says. */
const stats = (password: string, systemd: readonly string[] = []) => ({
  listen: {
    stats: { bind: ['127.0.0.1:9000'], raw: ['stats enable', 'stats uri /', `stats auth a:${password}`] },
  },
  systemd,
});

/** How a host's own statistics answer this user and password. */
const loggedIn = (host: HostName, credentials: string) =>
  onHost(
    NAME,
    host,
    `timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/9000
printf "GET / HTTP/1.0\\r\\nAuthorization: Basic $(printf %s ${credentials} | base64)\\r\\n\\r\\n" >&3
head -n 1 <&3'`,
  );

/** Which process HAProxy is on each host, and since when; both stay the same over a reload. */
const processes = () =>
  Promise.all(
    HOSTS.map((host) =>
      onHost(NAME, host, 'systemctl show -p MainPID -p ActiveEnterTimestampMonotonic haproxy'),
    ),
  );

/** What clients lost on these ports, 100 requests a second on each, while `work` is done. */
async function lostDuring(what: string, ports: readonly number[], work: () => Promise<unknown>) {
  const targets = ports.map((port) => ({ address: VIP, port, path: '/', host: VIP }));
  const clients = await startClients(NAME, { targets, intervalMs: 10 });
  await work();
  await clients.served();
  const report = await clients.stop();
  tell(what, report);
  return report.targets.map(({ lost }) => lost);
}

function checkOf(done: RunDocument, words: string): Pick<CheckDocument, 'ok' | 'detail'> | undefined {
  const found = done.checks.find(({ check }) => check.includes(words));
  return found && { ok: found.ok, detail: found.detail };
}

/** What the role's own check says now, asked as a run would ask. */
async function serversUp(): Promise<Pick<CheckDocument, 'ok' | 'detail'>> {
  const cluster = {
    hosts: HOSTS.map((name) => ({
      name,
      address: ADDRESSES[name],
      groups: [],
      vars: new Map([['haproxy', v.parse(vars, {})]]),
    })),
  };
  const [check] = checks(cluster);
  const [query] = Object.values(check?.reads ?? {});
  const seen = await Promise.all(
    HOSTS.map(async (host) => {
      const answer = { exit: 0, stdout: await onHost(NAME, host, query?.key ?? 'false') };
      return [host, { answer: <T>() => answer as T }] as const;
    }),
  );
  const ask = { converged: () => true, http: () => Promise.reject(new Error('not asked')) };
  const { ok = false, detail = '' } = (await check?.judge(new Map(seen), ask)) ?? {};
  return { ok, detail };
}

function appliedOn({ hosts }: RunDocument, host: HostName): readonly string[] | undefined {
  return hosts[host]?.applied.map(({ id }) => id);
}

describe.skipIf(cannotRunLab)('HAProxy on a pair', () => {
  let first: RunDocument;

  beforeAll(async () => {
    await labUp({ name: NAME });
    first = await phase2(NAME);
  });

  afterAll(async () => {
    await labDown({ name: NAME });
    rmSync(FILES, { recursive: true });
  });

  test('is set up from nothing, and the run ends by showing who answered', () => {
    expect([first.exit, first.errors]).toEqual([0, []]);
    expect(checkOf(first, 'every server is up')).toEqual({ ok: true, detail: 'svr1, svr2 on svr1 and svr2' });
    const spread = checkOf(first, 'come from every server');
    expect(spread?.ok).toBe(true);
    expect(spread?.detail).toMatch(/^svr1 [1-3], svr2 [1-3]$/);
  });

  test('a second run has nothing to do', async () => {
    const again = await phase2(NAME);
    expect([again.exit, ...HOSTS.map((host) => appliedOn(again, host))]).toEqual([0, [], []]);
  });

  test('a configuration that HAProxy refuses is not installed, and the reason is in its own words', async () => {
    const before = await onHost(NAME, 'svr1', `sha256sum ${CONF}`);
    const refused = await applied({ global: { raw: ['nosuchword 1'] } });
    expect(refused.exit).toBe(3);
    const why = JSON.stringify(refused.errors);
    expect(why).toContain('the staged configuration is not valid, nothing was installed');
    expect(why).toMatch(/\/etc\/haproxy\/haproxy\.cfg:\d+\].*unknown keyword 'nosuchword'/);
    expect(await onHost(NAME, 'svr1', `sha256sum ${CONF}`)).toBe(before);
  });

  test('a port that nginx has by a file of somebody’s is told before HAProxy is touched', async () => {
    const own = '/etc/nginx/conf.d/by-hand.conf';
    const reloaded = 'systemctl reload nginx';
    const hasPort = (count: number) =>
      until('nginx has reloaded', 5000, async () => {
        const sockets = await onHost(NAME, 'svr2', 'ss -Hltn | grep -c :8010 || :');
        return Number(sockets) === count;
      });
    await onHost(NAME, 'svr2', `echo 'server { listen 8010; }' >${own}; ${reloaded}`);
    await hasPort(1);
    const refused = await applied({ frontends: { 'http-in': { bind: [8000, 8010] } } });
    await onHost(NAME, 'svr2', `rm ${own}; ${reloaded}`);
    await hasPort(0);
    expect(refused.exit).toBe(3);
    expect(JSON.stringify(refused.errors)).toContain(
      'nginx listens on 0.0.0.0:8010, HAProxy is to listen on *:8010',
    );
  });

  test('a server that somebody took out is told, until HAProxy is reloaded', async () => {
    await onHost(NAME, 'svr1', TAKEN_OUT);
    expect(await serversUp()).toEqual({
      ok: false,
      detail: 'the HAProxy of svr1 has svr2 MAINT in servers',
    });
    await onHost(NAME, 'svr1', 'systemctl reload haproxy');
    await until('every server is up', 10_000, async () => (await serversUp()).ok);
  });

  describe('with further sockets and a certificate', () => {
    let before: readonly string[];
    let opened: RunDocument;
    let lost: readonly number[];

    beforeAll(async () => {
      await Promise.all(HOSTS.map((host) => onHost(NAME, host, `echo '# by hand' >>${CONF}`)));
      before = await processes();
      const shop = await certificate('shop.example');
      lost = await lostDuring('frontends changed', [80, 8000], async () => {
        opened = await applied({ ...WITH_TLS, certificates: { shop } });
      });
    });

    test('what was edited by hand is written again, everything by a reload, and clients lose nothing', async () => {
      expect([opened.exit, opened.errors]).toEqual([0, []]);
      expect(HOSTS.map((host) => appliedOn(opened, host))).toEqual([CHANGED, CHANGED]);
      expect(lost).toEqual([0, 0]);
      expect(await processes()).toEqual(before);
    });

    test('the virtual IP is bound on both hosts, and answers there come from every server', async () => {
      const sockets = await Promise.all(HOSTS.map((host) => onHost(NAME, host, 'ss -Hltn')));
      expect(sockets.map((text) => text.includes(`${VIP}:8010`))).toEqual([true, true]);
      expect(checkOf(opened, `${VIP}:8010`)?.ok).toBe(true);
    });

    test('a frontend that moved is answered with the place where this HAProxy speaks TLS, and one can go there', async () => {
      const there = await redirected('/a?b=c', `${VIP}:8020`);
      expect(there).toBe(`https://${VIP}:8443/a?b=c`);
      expect(await redirected('/', '[2001:db8::1]:8020')).toBe('https://[2001:db8::1]:8443/');
      expect(await redirected('/', 'shop.example')).toBe('https://shop.example:8443/');
      const check = checkOf(opened, 'every frontend answers');
      expect(check?.ok).toBe(true);
      expect(check?.detail).toContain(`301 from http://${VIP}:8020`);
      expect(check?.detail).toContain(`200 from https://${VIP}:8443`);
    });

    test('clients are greeted with the certificate and HTTP/2', async () => {
      const greeting = await handshake(8443);
      expect(greeting).toMatch(/subject=.*shop\.example/);
      expect(greeting).toMatch(/ALPN protocol: h2/);
      expect(checkOf(opened, 'certificates are valid')?.detail).toMatch(
        /^\/etc\/haproxy\/certs\/shop\.pem on/,
      );
    });

    test('a renewed certificate is loaded by a reload as well; nobody else can read it, and no run shows it', async () => {
      const shop = await certificate('renewed.example');
      const renewed = await applied({ ...WITH_TLS, certificates: { shop } });
      expect(appliedOn(renewed, 'svr1')).toEqual(['files haproxy', 'service haproxy']);
      expect(await handshake(8443)).toMatch(/subject=.*renewed\.example/);
      expect(await processes()).toEqual(before);
      const access = await onHost(NAME, 'svr1', 'stat -c "%a %U:%G" /etc/haproxy/certs/shop.pem');
      expect(access).toBe('600 root:root\n');
      expect(JSON.stringify([opened, renewed])).not.toMatch(/BEGIN|\$ecret/);
    });
  });

  test('a password in a line is loaded when a process has started with it, which a run does not take for granted', async () => {
    const begun = await applied(stats('one'));
    const second = await applied(stats('two'));
    expect([begun.exit, second.exit]).toEqual([0, 0]);
    expect(appliedOn(second, 'svr1')).toEqual(['files haproxy', 'service haproxy']);
    expect(await loggedIn('svr1', 'a:one')).toContain(' 401 ');
    expect(await loggedIn('svr1', 'a:two')).toContain(' 200 ');
    const noReload = ['ExecReload=', 'ExecReload=/bin/true'];
    await applied(stats('two', noReload));
    const third = await applied(stats('three', noReload));
    expect(third.exit).toBe(3);
    expect(JSON.stringify(third.errors)).toContain('haproxy.service did not load the new configuration');
    expect(JSON.stringify([second, third])).not.toContain('a:t');
    expect((await applied({})).exit).toBe(0);
    const access = await onHost(NAME, 'svr1', `stat -c "%a %U:%G" ${CONF}`);
    expect(access).toBe('600 root:root\n');
  });

  test('a whole configuration is used as it is, and proven to be loaded', async () => {
    const own = await applied({
      config: [
        'defaults',
        '    mode http',
        '    timeout connect 1s',
        '    timeout client 5s',
        '    timeout server 5s',
        'listen own',
        '    bind *:8000',
        ...HOSTS.map((host, index) => `    server ${host} 172.25.254.13${index + 1}:80 check inter 200ms`),
        '',
      ].join('\n'),
    });
    expect([own.exit, own.errors]).toEqual([0, []]);
    expect(checkOf(own, 'every server is up')).toEqual({ ok: true, detail: 'svr1, svr2 on svr1 and svr2' });
  });
});
