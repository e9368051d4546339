import * as v from 'valibot';
import type { ClusterHost, Role } from '../../src/core/role.ts';
import checkScript from '../../roles/check-script/index.ts';
import haproxy from '../../roles/haproxy/index.ts';
import keepalived from '../../roles/keepalived/index.ts';
import nginx from '../../roles/nginx/index.ts';
import { PROXY } from './haproxy-vars.ts';

const VIP = { address: '172.25.254.130' };

/** A role with what it can be told. */
export interface Told {
  readonly role: Role;
  readonly least: object;
  readonly most: object;
  /** Further variables, where some of `most` are looked at only without others. */
  readonly also?: readonly object[];
}

/** Each role with the least it can be told, and with a value for every variable it has. */
export const ROLES: readonly Told[] = [
  {
    role: nginx,
    least: {},
    most: {
      install: { version: '1.22.1-9', hold: true },
      port: 8080,
      user: 'www-data',
      worker_processes: 2,
      worker_connections: 2048,
      worker_rlimit_nofile: 4096,
      sites: {
        a: {
          listen: [8080, '172.25.254.131:81'],
          server_name: ['a.example'],
          root: '/srv/a',
          index: ['index.html'],
          locations: { '/x': ['expires 1h;'] },
          tls: { cert: '/c', key: '/k', protocols: ['TLSv1.3'], hsts: true },
          basic_auth: 'staff',
          access_log: 'off',
          error_log: '/e',
          client_max_body_size: '2m',
          raw: ['autoindex on;'],
        },
        b: { proxy_pass: 'http://app' },
        c: { server_name: ['c.example'], return: '301 https://a.example' },
      },
      upstreams: { app: { servers: ['10.0.0.1:80'], raw: ['ip_hash;'] } },
      remove_default_site: true,
      purge_unmanaged_sites: true,
      conf_d: { own: 'x;\n' },
      snippets: { own: 'y;\n' },
      raw_http: ['a b;'],
      raw_main: ['c d;'],
      log_format: { short: "'$status'" },
      gzip: false,
      client_max_body_size: '1g',
      keepalive_timeout: 5,
      server_tokens: true,
      real_ip_from: ['10.0.0.0/8'],
      proxied: true,
      stub_status: true,
      health: { path: '/alive', server_name: 'health.example' },
      basic_auth: { staff: { anna: '$6$hash' } },
      vip_follows: true,
      systemd: ['LimitNOFILE=4096'],
    },
  },
  {
    role: keepalived,
    least: { vips: [VIP] },
    most: {
      install: { version: '1:2.2.7-1', hold: false },
      vips: [VIP, { address: '172.25.254.140/24', interface: 'host0', virtual_router_id: 63 }],
      vip_mode: 'single',
      track: ['nginx', 'haproxy'],
      checks: {
        own: { script: '/opt/check', interval: 2, timeout: 1, fall: 3, rise: 3, weight: 10 },
        other: {},
      },
      priority: 200,
      state: 'BACKUP',
      preempt: true,
      preempt_delay: 3,
      advert_int: 1,
      version: 2,
      auth: 'n3w',
      unicast: false,
      source_address: '172.25.254.131',
      router_id: 'lb',
      script_user: 'checker',
      garp: {
        master_delay: 2,
        master_repeat: 2,
        master_refresh: 20,
        lower_prio_delay: 2,
        lower_prio_repeat: 2,
      },
      notify: { master: '/n m', backup: '/n b', fault: '/n f', stop: '/n s' },
      virtual_ipaddress_excluded: ['10.9.9.9/32 dev host0'],
      virtual_routes: ['10.8.0.0/16 via 172.25.254.1'],
      ip_nonlocal_bind: true,
      raw_global: ['vrrp_startup_delay 2'],
      raw_instance: ['dont_track_primary'],
      systemd: ['CPUWeight=500'],
    },
    also: [
      { vips: [VIP, { address: '172.25.254.140', owner: 'svr1' }], vip_mode: 'dual' },
      { vips: [VIP], state: 'MASTER', preempt: true },
    ],
  },
  {
    role: haproxy,
    least: {},
    most: { ...PROXY, config: 'frontend own\n    bind *:8000\n' },
    also: [PROXY],
  },
  {
    role: checkScript,
    least: {},
    most: {
      directory: '/opt/checks',
      checks: {
        a: {
          kind: 'http',
          service: 'nginx',
          address: '10.0.0.1',
          port: 81,
          path: '/a',
          host: 'a',
          timeout_ms: 100,
        },
        b: { kind: 'tcp', address: '10.0.0.1', port: 82, timeout_ms: 100 },
        c: { kind: 'process', process: 'haproxy' },
        d: { kind: 'composite', all: ['a', 'b', 'c'] },
      },
    },
  },
];

/** The first host of the lab, told so much. */
export function hostWith(role: Role, vars: object): ClusterHost {
  return {
    name: 'svr1',
    address: '172.25.254.131',
    groups: ['web'],
    // nginx is looked at by what stands before it.
    vars: new Map([
      ['nginx', v.parse(nginx.vars, { vip_follows: true })],
      [role.name, v.parse(role.vars, vars)],
    ]),
  };
}
