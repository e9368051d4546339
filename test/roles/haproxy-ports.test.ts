import { expect, test } from 'vitest';
import * as v from 'valibot';
import { sh } from '../../src/core/script.ts';
import type { ClusterHost } from '../../src/core/role.ts';
import { validation } from '../../roles/haproxy/validation.ts';
import { vars } from '../../roles/haproxy/vars.ts';
import { runLocally } from '../local-shell.ts';

/** What the validation says of a bind while `listeners` of nginx's are there; empty: the port is free. */
async function told(bind: string | object, listeners: readonly string[]): Promise<string> {
  const parsed = v.parse(vars, { frontends: { 'http-in': { bind: [bind] } } });
  const host: ClusterHost = { name: 'svr1', address: '172.25.254.131', groups: [], vars: new Map() };
  const lines = listeners.map((socket) => `LISTEN 0 511 ${socket} 0.0.0.0:* users:(("nginx",pid=43,fd=5))`);
  const ended = await runLocally(sh`RP_ROOT=/etc/haproxy
haproxy() { :; }
ss() { printf '%s\n' ${lines}; }
${validation({ vars: parsed, host, cluster: { hosts: [host] }, peers: [] })}`);
  expect(ended.exit).toBe(ended.stderr === '' ? 0 : 1);
  return ended.stderr.trim();
}

test('a bind on every address, however it is written, needs the port on all of them', async () => {
  const one = 'nginx listens on 172.25.254.131:80, HAProxy is to listen on';
  expect(await told('*:80', ['172.25.254.131:80'])).toBe(`${one} *:80`);
  expect(await told('0.0.0.0:80', ['172.25.254.131:80'])).toBe(`${one} *:80`);
  expect(await told('[::]:80', ['172.25.254.131:80'])).toBe(`${one} [::]:80`);
  expect(await told('[::0]:80', ['[fd00::1]:80'])).toBe(
    'nginx listens on [fd00::1]:80, HAProxy is to listen on [::]:80',
  );
  expect(await told('172.25.254.130:80', ['0.0.0.0:80'])).toBe(
    'nginx listens on 0.0.0.0:80, HAProxy is to listen on 172.25.254.130:80',
  );
});

test('an address beside nginx’s own is free', async () => {
  expect(await told('172.25.254.130:80', ['172.25.254.131:80', '127.0.0.1:80'])).toBe('');
  expect(await told('*:80', ['[fd00::1]:80'])).toBe('');
  expect(await told('[::]:80', ['0.0.0.0:8080'])).toBe('');
  expect(await told({ address: '[::]', port: 80, raw: ['v6only'] }, ['0.0.0.0:80'])).toBe('');
});
