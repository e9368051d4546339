import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import phase2 from '../../playbooks/phase2.ts';
import haproxy from '../../roles/haproxy/index.ts';
import keepalived from '../../roles/keepalived/index.ts';
import nginx from '../../roles/nginx/index.ts';
import { targetNames } from '../../src/core/watch.ts';

/** What phase 2 watches of a pair with these variables of HAProxy. */
function watched(proxy: object): readonly string[] {
  const host = {
    name: 'svr1',
    address: '172.25.254.131',
    groups: ['web'],
    vars: new Map<string, unknown>([
      ['haproxy', v.parse(haproxy.vars, proxy)],
      ['nginx', v.parse(nginx.vars, { proxied: true })],
      ['keepalived', v.parse(keepalived.vars, { vips: [{ address: '172.25.254.130/24' }] })],
    ]),
  };
  const targets = phase2.watch?.({ hosts: [host] }) ?? [];
  return targetNames(targets).map((name, index) => `${name}${targets[index]?.tls === true ? ' tls' : ''}`);
}

const NGINX = '172.25.254.130:80';
const VIP = '172.25.254.130';

function bound(...bind: readonly unknown[]) {
  return watched({ frontends: { web: { bind } } });
}

describe('phase 2 watches', () => {
  test('nginx, and where HAProxy speaks HTTP unless told otherwise', () => {
    expect(watched({})).toEqual([NGINX, `${VIP}:8000`]);
  });

  test('every way of writing a listener that the virtual IP reaches', () => {
    const binds = ['*:1', '[::]:2', 'vip:3', `${VIP}:4`, { port: 5, tls: { certificate: '/a.pem' } }];
    expect(bound(...binds)).toEqual([NGINX, `${VIP}:1`, `${VIP}:2`, `${VIP}:3`, `${VIP}:4`, `${VIP}:5 tls`]);
  });

  test('no listener that does not take a plain request to it', () => {
    const others = ['172.25.254.131:1', '[::1]:2', { port: 3, accept_proxy: true }];
    expect(bound(...others, { address: '[::]', port: 4, raw: ['name a v6only'] })).toEqual([NGINX]);
  });

  test('listen sections as it does frontends, and no mode tcp, named or by default', () => {
    const listen = { web: { bind: [1] }, db: { bind: [2], mode: 'tcp' } };
    expect(watched({ frontends: {}, listen })).toEqual([NGINX, `${VIP}:1`]);
    const sections = { frontends: { web: { bind: [3], mode: 'http' } }, listen: { db: { bind: [4] } } };
    expect(watched({ defaults: { mode: 'tcp' }, ...sections })).toEqual([NGINX, `${VIP}:3`]);
  });

  test('nginx alone beside a whole configuration: nothing tells where that listens', () => {
    expect(watched({ config: 'frontend a\n    bind :81\n' })).toEqual([NGINX]);
  });
});

test.each([
  ['/alive', true],
  ['/generation', false],
  ['/nginx_status', false],
])('nginx.health.path may be %s: %s', (path, may) => {
  expect(v.safeParse(nginx.vars, { health: { path } }).success).toBe(may);
});
