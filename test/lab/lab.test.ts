import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as lab from '../../scripts/lab/index.ts';

const NAME = `t-lab-${process.pid}`;
const SVR1 = '172.25.254.131';
const SVR2 = '172.25.254.132';
const paths = lab.labPaths(NAME);

const cannot = process.getuid?.() !== 0 || process.platform !== 'linux' || lab.missingPackages().length > 0;

interface Ended {
  readonly code: number | null;
  readonly out: string;
}

async function run(argv: readonly string[], timeoutMs = 30_000): Promise<Ended> {
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  });
  const closed = once(child, 'close');
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await closed) as [number | null];
  return { code, out: out + errors };
}

function ssh(address: string, command: string, user = 'deploy'): Promise<Ended> {
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=yes', 'ConnectTimeout=2'];
  const flags = [...options, `UserKnownHostsFile=${paths.knownHosts}`].flatMap((option) => ['-o', option]);
  return run(
    lab.enterCommand(NAME, [
      'ssh',
      '-F',
      'none',
      '-i',
      paths.privateKey,
      ...flags,
      `${user}@${address}`,
      command,
    ]),
  );
}

async function eventually(what: string, ask: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within 15 s`);
    await pause(50);
  }
}

function leader(host: string): number | undefined {
  return lab.labStatus({ name: NAME }).find((one) => one.name === host)?.leaderPid;
}

/** Whatever on this machine carries the lab's name. */
function traces(): readonly string[] {
  const found = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(NAME));
  for (const dir of ['/run/netns', '/run/systemd/nspawn/propagate', '/run/systemd/nspawn/unix-export']) {
    if (existsSync(dir)) found.push(...readdirSync(dir).filter((entry) => entry.includes(NAME)));
  }
  for (const hierarchy of ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd']) {
    const dir = `${hierarchy}/run-playbook-lab/${NAME}`;
    if (existsSync(dir)) found.push(dir);
  }
  for (const pid of readdirSync('/proc').filter(
    (entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid,
  )) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (command.includes(NAME)) found.push(`${pid} ${command.replaceAll('\0', ' ')}`);
    } catch {
      // It ended while it was looked at.
    }
  }
  return existsSync(paths.stateDir) ? [...found, paths.stateDir] : found;
}

/** A small keepalived.conf, unicast between two hosts. */
function keepalivedConf(own: string, peer: string, priority: number): string {
  return `vrrp_instance VI_1 {
  state BACKUP
  nopreempt
  interface host0
  virtual_router_id 62
  priority ${priority}
  advert_int 0.2
  version 3
  unicast_src_ip ${own}
  unicast_peer { ${peer} }
  virtual_ipaddress { 172.25.254.130/24 }
}
`;
}

describe.skipIf(cannot)('the lab', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    const up = await lab.labUp({ name: NAME });
    expect(up.degraded).toEqual([]);
  }, 20 * 60_000);

  afterAll(() => lab.labDown({ name: NAME }), 60_000);

  it('is up, and bringing it up again changes nothing', async () => {
    const before = [leader('svr1'), leader('svr2')];
    await Promise.all([lab.labUp({ name: NAME }), lab.labUp({ name: NAME })]);
    expect([leader('svr1'), leader('svr2')]).toEqual(before);
    expect(lab.isLabUp(NAME)).toBe(true);
  });

  it('is refused with other hosts under the same name', async () => {
    const other = lab.labUp({ name: NAME, hosts: [{ name: 'svr9', address: '172.25.254.139' }] });
    await expect(other).rejects.toThrow(/is there with other hosts/);
  });

  it('tells in under 2 ms whether it is up', () => {
    const startedMs = performance.now();
    for (let i = 0; i < 20; i++) lab.isLabUp(NAME);
    expect((performance.now() - startedMs) / 20).toBeLessThan(2);
  });

  it('lets deploy in by key over ssh, with sudo, on both hosts and with strict host keys', async () => {
    for (const [address, name] of [
      [SVR1, 'svr1'],
      [SVR2, 'svr2'],
    ] as const) {
      expect(await ssh(address, 'hostname; sudo -n id -u')).toEqual({ code: 0, out: `${name}\n0\n` });
    }
  });

  it('gives each host its own machine id and its own ssh host keys', async () => {
    const command = 'cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub';
    const [one, two] = await Promise.all([ssh(SVR1, command), ssh(SVR2, command)]);
    const [oneId, oneKey] = one.out.split('\n');
    const [twoId, twoKey] = two.out.split('\n');
    expect(oneId).toMatch(/^[0-9a-f]{32}$/);
    expect(twoId).toMatch(/^[0-9a-f]{32}$/);
    expect(oneId).not.toBe(twoId);
    expect(oneKey).not.toBe(twoKey);
    expect(readFileSync(paths.knownHosts, 'utf8')).toContain(oneKey?.split(' ')[1]);
  });

  it('passes stdin, output, exit codes and arguments through exec', async () => {
    const ended = await lab.labExec(
      NAME,
      'svr1',
      ['sh', '-c', 'cat; printf %s "$1" >&2; exit 7', 'x', "a b'$c"],
      { stdin: 'höst' },
    );
    expect(ended).toEqual({ exitCode: 7, signal: null, stdout: 'höst', stderr: "a b'$c" });
  });

  it('ends a command that takes too long', async () => {
    const late = lab.labExec(NAME, 'svr1', ['sleep', '300'], { timeoutMs: 300 });
    await expect(late).rejects.toThrow(/not within 0.3 s/);
    await eventually(
      'sleep is gone',
      async () => (await lab.labExec(NAME, 'svr1', ['pgrep', '-x', 'sleep'])).exitCode === 1,
    );
  });

  it('has no way out', async () => {
    const out = await lab.labExec(NAME, 'svr1', [
      'sh',
      '-c',
      'ip route show default; ip route get 192.0.2.1',
    ]);
    expect(out.stdout).toBe('');
    expect(out.stderr).toContain('Network is unreachable');
  });

  it('offers nginx, keepalived and haproxy to real apt, with none of them installed', async () => {
    const policy = await ssh(
      SVR2,
      'sudo apt-get update -q >/dev/null && apt-cache policy nginx keepalived haproxy',
    );
    expect(policy.code).toBe(0);
    expect(policy.out.match(/Installed: \(none\)/g)).toHaveLength(3);
    expect(policy.out.match(/Candidate: \S*\d/g)).toHaveLength(3);
  });

  it('moves a VIP between two hosts with keepalived, seen by arping', async () => {
    const install = async (host: string, stdin: string) => {
      const script =
        'apt-get install -y keepalived >/dev/null && cat >/etc/keepalived/keepalived.conf && systemctl restart keepalived';
      const ended = await lab.labExec(
        NAME,
        host,
        ['sh', '-ec', `DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND; ${script}`],
        { stdin },
      );
      expect(ended).toMatchObject({ exitCode: 0 });
    };
    const holds = async (host: string) => {
      const shown = await lab.labExec(NAME, host, [
        'ip',
        '-4',
        '-oneline',
        'address',
        'show',
        'dev',
        'host0',
      ]);
      return shown.stdout.includes('172.25.254.130/24');
    };
    await Promise.all([
      install('svr1', keepalivedConf(SVR1, SVR2, 254)),
      install('svr2', keepalivedConf(SVR2, SVR1, 253)),
    ]);
    await eventually(
      'exactly one holds the VIP',
      async () => (await holds('svr1')) !== (await holds('svr2')),
    );
    const [holder, other] = (await holds('svr1')) ? ['svr1', 'svr2'] : ['svr2', 'svr1'];
    const seen = await lab.labExec(NAME, other, [
      'arping',
      '-c',
      '1',
      '-w',
      '2',
      '-I',
      'host0',
      '172.25.254.130',
    ]);
    expect(seen.exitCode).toBe(0);
    await lab.powerLoss(NAME, holder);
    await eventually('the VIP moves', () => holds(other));
    await lab.boot(NAME, holder);
    const sysctl = await lab.labExec(NAME, holder, ['sysctl', '-w', 'net.ipv4.ip_nonlocal_bind=1']);
    expect(sysctl.exitCode).toBe(0);
  });

  it('installs nginx with no network, and keeps it over a power loss and a shutdown', async () => {
    const installed = await ssh(
      SVR1,
      'sudo DEBIAN_FRONTEND=noninteractive apt-get install -y nginx && systemctl is-active nginx',
    );
    expect(installed).toMatchObject({ code: 0 });
    await lab.powerLoss(NAME, 'svr1');
    expect(lab.isLabUp(NAME)).toBe(false);
    expect(lab.labStatus({ name: NAME })[0]).toMatchObject({ name: 'svr1', state: 'off' });
    await expect(lab.labExec(NAME, 'svr1', ['true'])).rejects.toThrow(/not running/);
    await lab.boot(NAME, 'svr1');
    await lab.shutdown(NAME, 'svr1');
    await lab.labUp({ name: NAME });
    expect(await ssh(SVR1, 'systemctl is-active nginx')).toEqual({ code: 0, out: 'active\n' });
    const boots = await lab.labExec(NAME, 'svr1', ['journalctl', '--list-boots', '--quiet']);
    expect(boots.stdout.trim().split('\n').length).toBeGreaterThanOrEqual(3);
  });

  it('comes back from a reboot from inside, twice', async () => {
    for (let times = 0; times < 2; times++) {
      const before = leader('svr2');
      await ssh(SVR2, 'sudo systemctl reboot');
      await eventually('another PID 1', () => leader('svr2') !== undefined && leader('svr2') !== before);
      await lab.labUp({ name: NAME });
    }
    expect(await ssh(SVR2, 'hostname')).toEqual({ code: 0, out: 'svr2\n' });
  });

  it('freezes and thaws, and a frozen host can lose its power', async () => {
    await lab.freeze(NAME, 'svr2');
    expect(lab.labStatus({ name: NAME })[1]).toMatchObject({ state: 'frozen' });
    expect(lab.isLabUp(NAME)).toBe(true);
    expect((await run(lab.enterCommand(NAME, ['ssh-keyscan', '-T', '1', SVR2]))).out).not.toContain(
      'ssh-ed25519 ',
    );
    await lab.thaw(NAME, 'svr2');
    expect(await ssh(SVR2, 'true')).toMatchObject({ code: 0 });
    await lab.freeze(NAME, 'svr2');
    await lab.powerLoss(NAME, 'svr2');
    await lab.boot(NAME, 'svr2');
    expect(await ssh(SVR2, 'true')).toMatchObject({ code: 0 });
  });

  it('pulls and plugs in a cable', async () => {
    await lab.linkDown(NAME, 'svr2');
    expect((await ssh(SVR2, 'true')).code).toBe(255);
    const carrier = await lab.labExec(NAME, 'svr2', ['cat', '/sys/class/net/host0/carrier']);
    expect(carrier.stdout).toBe('0\n');
    await lab.linkUp(NAME, 'svr2');
    await eventually('ssh again', async () => (await ssh(SVR2, 'true')).code === 0);
  });

  it('keeps and restores a snapshot', async () => {
    const nginx = async () =>
      (await lab.labExec(NAME, 'svr1', ['test', '-d', '/etc/nginx/sites-enabled'])).exitCode === 0;
    await lab.snapshot(NAME, 'svr1', 'with-nginx');
    await lab.labExec(NAME, 'svr1', ['rm', '-r', '/etc/nginx', '/etc/ssl']);
    expect(await nginx()).toBe(false);
    await lab.restore(NAME, 'svr1', 'with-nginx');
    expect(await nginx()).toBe(true);
    expect(await ssh(SVR1, 'test -d /etc/ssl/certs && systemctl is-active nginx')).toMatchObject({ code: 0 });
    await expect(lab.restore(NAME, 'svr1', 'none')).rejects.toThrow(/it has with-nginx/);
  });

  it('resets a host to a bare one that keeps its address and host keys', async () => {
    await lab.reset(NAME, 'svr1');
    const bare = await ssh(
      SVR1,
      'for c in nginx keepalived haproxy; do command -v /usr/sbin/$c; done; echo bare',
    );
    expect(bare).toEqual({ code: 0, out: 'bare\n' });
  });

  it('runs beside another lab with the same addresses', async () => {
    const other = `${NAME}-b`;
    await lab.labUp({ name: other });
    const ids = await Promise.all(
      [NAME, other].map((name) => lab.labExec(name, 'svr1', ['cat', '/etc/machine-id'])),
    );
    expect(ids[0]?.stdout).not.toBe(ids[1]?.stdout);
    await lab.labDown({ name: other });
    expect(lab.isLabUp(NAME)).toBe(true);
  });

  it('clears what a reboot of the machine left, and ends no process that took an old number', async () => {
    for (const host of ['svr1', 'svr2']) await lab.shutdown(NAME, host);
    const state = JSON.parse(readFileSync(paths.stateFile, 'utf8')) as object;
    writeFileSync(paths.stateFile, JSON.stringify({ ...state, bootId: 'another' }));
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    writeFileSync(lab.hostPaths(paths, 'svr1').pidFile, JSON.stringify({ pid: stranger.pid, startTicks: 1 }));
    await lab.labUp({ name: NAME });
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
    stranger.kill();
    expect(await ssh(SVR1, 'true')).toMatchObject({ code: 0 });
  });

  it('leaves nothing when taken down, frozen and unplugged hosts included', async () => {
    await lab.linkDown(NAME, 'svr1');
    await lab.freeze(NAME, 'svr2');
    expect(traces().length).toBeGreaterThan(0);
    const roots = ['svr1', 'svr2'].map((host) => statSync(lab.hostPaths(paths, host).root));
    const locks = roots.map(({ dev, ino }) => `/run/systemd/nspawn/locks/inode-${dev}:${ino}`);
    expect(locks.filter((lock) => existsSync(lock))).toEqual(locks);
    await lab.labDown({ name: NAME });
    expect(traces()).toEqual([]);
    expect(locks.filter((lock) => existsSync(lock))).toEqual([]);
    expect(lab.isLabUp(NAME)).toBe(false);
    expect(lab.labStatus({ name: NAME })).toEqual([]);
    await lab.labDown({ name: NAME });
  });
});
