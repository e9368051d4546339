import { expect, test } from 'vitest';
import type { Family, Query } from '../../src/core/query.ts';
import { ProbeIncomplete } from '../../src/core/query.ts';
import { arpAnswers, arpTable } from '../../src/queries/arp.ts';
import { certificateAt } from '../../src/queries/certificate.ts';
import { factsFrom, hostFacts } from '../../src/queries/facts.ts';
import { haproxyState } from '../../src/queries/haproxy.ts';
import { excludeEachOther, tcpListeners } from '../../src/queries/listener.ts';
import { packageNamed } from '../../src/queries/package.ts';
import { sysctlNamed } from '../../src/queries/sysctl.ts';
import { unitFilesOf } from '../../src/queries/unit-files.ts';
import { unitNamed } from '../../src/queries/unit.ts';

/** What a family makes of output as a real host printed it. */
function parsed<T>({ family }: Query<T>, stdout: string, keys: readonly string[], exit = 0) {
  return (family as Family<T>).parse([{ stdout: Buffer.from(stdout), exit }], keys);
}

test('packages: installed, held, removed, half configured, unknown to apt, never installed', () => {
  // dpkg-query and apt-cache of Debian 12.
  const output = `nginx ii  1.22.1-9+deb12u1
keepalived hi  1:2.2.7-1+b2
haproxy rc  2.6.12-1+deb12u1
libc++1-14 iF  1:14.0.6-12
haproxy:
  Installed: (none)
  Candidate: 2.6.12-1+deb12u1
  Version table:
     2.6.12-1+deb12u1 -1
        500 file:/srv/apt ./ Packages
libc++1-14:
  Installed: 1:14.0.6-12
  Candidate: 1:14.0.6-12
gone:
  Installed: (none)
  Candidate: (none)
`;
  const names = ['nginx', 'keepalived', 'haproxy', 'libc++1-14', 'gone', 'never-heard-of'];
  expect(Object.fromEntries(parsed(packageNamed('nginx'), output, names))).toEqual({
    nginx: { installed: '1.22.1-9+deb12u1', held: false, candidate: undefined },
    keepalived: { installed: '1:2.2.7-1+b2', held: true, candidate: undefined },
    haproxy: { installed: undefined, held: false, candidate: '2.6.12-1+deb12u1' },
    'libc++1-14': { installed: undefined, held: false, candidate: '1:14.0.6-12' },
    gone: { installed: undefined, held: false, candidate: undefined },
    'never-heard-of': { installed: undefined, held: false, candidate: undefined },
  });
});

const UNITS = `LoadState=loaded
ActiveState=active
SubState=running
FragmentPath=/lib/systemd/system/nginx.service
DropInPaths=/etc/systemd/system/nginx.service.d/run-playbook.conf /run/systemd/system/nginx.service.d/a.conf
UnitFileState=enabled
NeedDaemonReload=no
NRestarts=2

LoadState=masked
ActiveState=failed
SubState=failed
FragmentPath=/etc/systemd/system/keepalived.service
DropInPaths=
UnitFileState=masked
NeedDaemonReload=yes
NRestarts=0

LoadState=not-found
ActiveState=inactive
SubState=dead
FragmentPath=
DropInPaths=
UnitFileState=
NeedDaemonReload=no
`;

test('units: each block is one unit, in the order asked', () => {
  const names = ['nginx.service', 'keepalived.service', 'haproxy.service'];
  expect(Object.fromEntries(parsed(unitNamed('nginx.service'), UNITS, names))).toEqual({
    'nginx.service': {
      load: 'loaded',
      active: 'active',
      sub: 'running',
      unitFile: 'enabled',
      fragment: '/lib/systemd/system/nginx.service',
      dropIns: [
        '/etc/systemd/system/nginx.service.d/run-playbook.conf',
        '/run/systemd/system/nginx.service.d/a.conf',
      ],
      needsDaemonReload: false,
      restarts: 2,
    },
    'keepalived.service': {
      load: 'masked',
      active: 'failed',
      sub: 'failed',
      unitFile: 'masked',
      fragment: '/etc/systemd/system/keepalived.service',
      dropIns: [],
      needsDaemonReload: true,
      restarts: 0,
    },
    'haproxy.service': {
      load: 'not-found',
      active: 'inactive',
      sub: 'dead',
      unitFile: '',
      fragment: '',
      dropIns: [],
      needsDaemonReload: false,
      restarts: 0,
    },
  });
});

test('units: fewer or more than asked for, or a systemctl that failed, is an error', () => {
  const query = unitNamed('nginx.service');
  expect(() => parsed(query, UNITS, ['nginx.service', 'keepalived.service'])).toThrow(ProbeIncomplete);
  expect(() => parsed(query, UNITS, ['a', 'b', 'c', 'd'])).toThrow('told of 3 units, 4 were asked for');
  expect(() => parsed(query, '', ['nginx.service'], 1)).toThrow(ProbeIncomplete);
  expect(() => parsed(query, UNITS, ['a', 'b', 'c'], 1)).toThrow(ProbeIncomplete);
});

test('facts: release, init system and addresses of every interface', () => {
  const output = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
RP_SYSTEMD=1
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever
2: host0    inet 172.25.254.131/24 brd 172.25.254.255 scope global host0\\       valid_lft forever preferred_lft forever
2: host0    inet 172.25.254.130/32 scope global host0\\       valid_lft forever preferred_lft forever
3: ens33.7    inet6 fe80::1/64 scope link \\       valid_lft forever preferred_lft forever
`;
  expect(parsed(hostFacts, output, ['host']).get('host')).toEqual({
    os: 'debian',
    osVersion: '12',
    systemd: true,
    interfaces: [
      { name: 'lo', addresses: ['127.0.0.1/8', '::1/128'] },
      { name: 'host0', addresses: ['172.25.254.131/24', '172.25.254.130/32'] },
      { name: 'ens33.7', addresses: ['fe80::1/64'] },
    ],
  });
});

test('facts: Ubuntu, a container without systemd, and nothing at all', () => {
  const ubuntu = parsed(hostFacts, 'NAME="Ubuntu"\nVERSION_ID="22.04"\nID=ubuntu\nID_LIKE=debian\n', [
    'host',
  ]);
  expect(ubuntu.get('host')).toMatchObject({
    os: 'ubuntu',
    osVersion: '22.04',
    systemd: false,
    interfaces: [],
  });
  expect(parsed(hostFacts, '', ['host'], 1).get('host')).toMatchObject({ os: '', osVersion: '' });
});

test('facts: the version of a package is the installed one, or else the one apt would install', () => {
  const states: Readonly<Record<string, unknown>> = {
    nginx: { installed: '1.22', held: false, candidate: '1.24' },
    haproxy: { installed: undefined, held: false, candidate: '2.6' },
    gone: { installed: undefined, held: false, candidate: undefined },
  };
  const facts = factsFrom({ answer: <T>({ key }: Query<T>) => (states[key] ?? {}) as T });
  expect(['nginx', 'haproxy', 'gone'].map((name) => facts.packageVersion(name))).toEqual([
    '1.22',
    '2.6',
    undefined,
  ]);
});

test('kernel settings: tabs between numbers are read as blanks', () => {
  const output = 'net.ipv4.tcp_rmem\t4096\t131072\t6291456\nnet.ipv4.ip_nonlocal_bind\t1\n';
  const names = ['net.ipv4.tcp_rmem', 'net.ipv4.ip_nonlocal_bind', 'net.ipv4.none'];
  expect([...parsed(sysctlNamed('x'), output, names).values()]).toEqual([
    '4096 131072 6291456',
    '1',
    undefined,
  ]);
});

test('listeners: IPv4, IPv6, both, an interface, several processes, and none', () => {
  // ss of iproute2 6.1.
  const output = `LISTEN 0      511    0.0.0.0:80   0.0.0.0:* users:(("nginx",pid=432,fd=5),("nginx",pid=429,fd=5))
LISTEN 0      128       [::]:22      [::]:* users:(("sshd",pid=43,fd=4))
LISTEN 0      5            *:9999       *:* users:(("perl",pid=8338,fd=3))
LISTEN 0      4096   127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=511,fd=14))
LISTEN 0      64        [::1]:2049   [::]:*
`;
  expect(parsed(tcpListeners, output, ['tcp']).get('tcp')).toEqual([
    {
      address: '0.0.0.0',
      port: 80,
      processes: [
        { name: 'nginx', pid: 432 },
        { name: 'nginx', pid: 429 },
      ],
    },
    { address: '::', port: 22, processes: [{ name: 'sshd', pid: 43 }] },
    { address: '*', port: 9999, processes: [{ name: 'perl', pid: 8338 }] },
    { address: '127.0.0.53', port: 53, processes: [{ name: 'systemd-resolve', pid: 511 }] },
    { address: '::1', port: 2049, processes: [] },
  ]);
  expect(() => parsed(tcpListeners, '', ['tcp'], 127)).toThrow(ProbeIncomplete);
});

test.each([
  ['0.0.0.0', '10.0.0.1', true],
  ['0.0.0.0', '::1', false],
  ['0.0.0.0', '::', false],
  ['*', '::1', true],
  ['*', '0.0.0.0', true],
  ['::', '::1', true],
  ['10.0.0.1', '10.0.0.1', true],
  ['10.0.0.1', '10.0.0.2', false],
])('a listener on %s and one on %s of the same port exclude each other: %s', (one, other, expected) => {
  const sockets = [one, other].map((address) => ({ address, port: 80 }));
  const [first, second] = sockets as [(typeof sockets)[0], (typeof sockets)[0]];
  expect([excludeEachOther(first, second), excludeEachOther(second, first)]).toEqual([expected, expected]);
  expect(excludeEachOther(first, { ...second, port: 81 })).toBe(false);
});

/** HAProxy 2.6.12, most columns left out. */
const HAPROXY = `> show stat -1 5 -1
# pxname,svname,slim,status,type,check_status,
http-in,FRONTEND,20000,PAUSED,0,,
servers,svr1,,no check,2,,
servers,svr2,,DRAIN,2,* L7OK,
servers,spare,,MAINT,2,,
run-playbook-local,FRONTEND,60000,OPEN,0,,

> show servers state
1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_check_state srv_port
3 servers 1 svr1 172.25.254.131 2 0 5 1 2 80
3 servers 2 svr2 172.25.254.132 2 8 1 1 6 80
3 servers 3 spare 172.25.254.133 0 5 1 1 0 80

> show info
Name: HAProxy
Maxconn: 5000
Hard_maxconn: 60000
`;

test('HAProxy: frontends, limits, and servers with what was set by hand', () => {
  expect(parsed(haproxyState, HAPROXY, ['running']).get('running')).toEqual({
    frontends: [
      { name: 'http-in', status: 'PAUSED', maxconn: 20_000 },
      { name: 'run-playbook-local', status: 'OPEN', maxconn: 60_000 },
    ],
    servers: [
      {
        backend: 'servers',
        name: 'svr1',
        status: 'no check',
        check: '',
        address: '172.25.254.131',
        port: 80,
        weight: 5,
        configuredWeight: 1,
        byHand: ['checks off'],
      },
      {
        backend: 'servers',
        name: 'svr2',
        status: 'DRAIN',
        check: 'L7OK',
        address: '172.25.254.132',
        port: 80,
        weight: 1,
        configuredWeight: 1,
        byHand: ['drained'],
      },
      {
        backend: 'servers',
        name: 'spare',
        status: 'MAINT',
        check: '',
        address: '172.25.254.133',
        port: 80,
        weight: 1,
        configuredWeight: 1,
        byHand: [],
      },
    ],
    maxconn: 5000,
    configuredMaxconn: 60_000,
  });
});

test('HAProxy: what was taken out by hand, and what was brought in', () => {
  const told = [0, 1, 4, 5, 8].map((admin) => {
    const text = HAPROXY.replace('2 0 5 1 2 80', `2 ${admin} 1 1 6 80`);
    return parsed(haproxyState, text, ['running']).get('running')?.servers[0]?.byHand;
  });
  expect(told).toEqual([[], ['maintenance'], ['enabled'], [], ['drained']]);
});

test('HAProxy: one that does not answer, or not as HAProxy, says nothing', () => {
  const said = [
    parsed(haproxyState, HAPROXY, ['running'], 124),
    parsed(haproxyState, '> a\n> b\n', ['running']),
  ];
  expect(said.map((answers) => answers.get('running'))).toEqual([undefined, undefined]);
});

test('ARP: who has an address, who answered, and what the host knows by heart', () => {
  const output = `own 10.0.0.1 02:00:00:00:00:01
neighbour 10.0.0.2 02:00:00:00:00:02
asked 10.0.0.3
asked 10.0.0.4
deaf packet socket: Operation not permitted
heard 10.0.0.3 02:00:00:00:00:03
heard 10.0.0.3 02:00:00:00:00:04
`;
  const keys = ['ask 10.0.0.1', 'table 10.0.0.2', 'ask 10.0.0.3', 'ask 10.0.0.4'];
  expect([...parsed(arpAnswers('10.0.0.1'), output, keys).values()]).toMatchObject([
    { own: '02:00:00:00:00:01', heard: [], isAsked: false, deaf: undefined },
    { neighbour: '02:00:00:00:00:02', heard: [], isAsked: false },
    { heard: ['02:00:00:00:00:03', '02:00:00:00:00:04'], isAsked: true },
    { heard: [], isAsked: true, deaf: 'packet socket: Operation not permitted' },
  ]);
  expect(arpTable('10.0.0.2').key).toBe(keys[1]);
});

test('certificates: the first of a file, its age, and files that have none', () => {
  const { family } = certificateAt('/a');
  const frames = [
    { stdout: Buffer.from('120\n-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n'), exit: 0 },
    { stdout: Buffer.from('7\n'), exit: 0 },
    { stdout: Buffer.from(''), exit: 1 },
  ];
  expect([...family.parse(frames, ['/a', '/b', '/c']).values()]).toEqual([
    { pem: '-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----', ageSeconds: 120 },
    { pem: undefined, ageSeconds: 7 },
    { pem: undefined, ageSeconds: undefined },
  ]);
});

test('unit files: what each unit is made of, and how old its process is', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(64));
  const output = `1000.00 2000.00
MainPID=12
ExecMainStartTimestampMonotonic=940000000
EnvironmentFiles=/etc/default/haproxy (ignore_errors=yes)
EnvironmentFiles=/etc/sysconfig/haproxy (ignore_errors=yes)
FragmentPath=/lib/systemd/system/haproxy.service
DropInPaths=/etc/systemd/system/haproxy.service.d/a.conf /etc/systemd/system/service.d/b.conf

MainPID=0
ExecMainStartTimestampMonotonic=0
FragmentPath=/lib/systemd/system/nginx.service
DropInPaths=

program 12 /usr/sbin/haproxy (deleted)
program 0${' '}
${a}  /etc/default/haproxy
${b}  /lib/systemd/system/haproxy.service
${b}  /lib/systemd/system/nginx.service
${c}  /etc/systemd/system/service.d/b.conf
`;
  const names = ['haproxy.service', 'nginx.service'];
  const query = unitFilesOf('haproxy.service');
  expect(Object.fromEntries(parsed(query, output, names))).toEqual({
    'haproxy.service': {
      digests: new Map([
        ['/etc/default/haproxy', a],
        ['/lib/systemd/system/haproxy.service', b],
        ['/etc/systemd/system/service.d/b.conf', c],
      ]),
      startedMsAgo: 60_000,
      isProgramReplaced: true,
    },
    'nginx.service': {
      digests: new Map([['/lib/systemd/system/nginx.service', b]]),
      startedMsAgo: undefined,
      isProgramReplaced: false,
    },
  });
  expect(() => parsed(query, output, ['haproxy.service'])).toThrow(ProbeIncomplete);
  expect(() => parsed(query, output, names, 1)).toThrow(ProbeIncomplete);
});
