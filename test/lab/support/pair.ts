import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as lab from '../../../scripts/lab/index.ts';
import type { RunDocument } from '../../../src/report/document.ts';
import { run } from './run.ts';
import { until } from './until.ts';

export const VIP = '172.25.254.130';
export const ADDRESSES = { svr1: '172.25.254.131', svr2: '172.25.254.132' } as const;
export const HOSTS = ['svr1', 'svr2'] as const;

export type HostName = (typeof HOSTS)[number];

const CLI = fileURLToPath(new URL('../../../bin/run-playbook.js', import.meta.url));
const INVENTORY = fileURLToPath(new URL('../../../inventory/hosts.yml', import.meta.url));

/** Why lab tests cannot run here; undefined when they can. */
export const cannotRunLab =
  process.getuid?.() !== 0 || process.platform !== 'linux' || lab.missingPackages().length > 0;

/** What one `run-playbook PLAYBOOK --json` told; the built program, as a user would call it. */
export async function play(
  name: string,
  playbook: string,
  ...options: readonly string[]
): Promise<RunDocument> {
  const argv = [process.execPath, CLI, playbook, '--yes', '--json', '-i', INVENTORY, ...options];
  const { code, stdout, stderr } = await run(argv, { env: { ...process.env, RUN_PLAYBOOK_LAB: name } });
  if (stdout === '') {
    throw new Error(`${playbook}: exit ${code}, no document\n${stderr}`);
  }
  return JSON.parse(stdout) as RunDocument;
}

export function phase1(name: string, ...options: readonly string[]): Promise<RunDocument> {
  return play(name, 'phase1', ...options);
}

export function phase2(name: string, ...options: readonly string[]): Promise<RunDocument> {
  return play(name, 'phase2', ...options);
}

/** Stdout of a root shell script on a host. @throws when it does not exit with 0 */
export async function onHost(name: string, host: string, script: string, stdin?: string): Promise<string> {
  const options = stdin === undefined ? {} : { stdin };
  const ended = await lab.labExec(name, host, ['sh', '-euc', script], options);
  if (ended.exitCode !== 0) {
    throw new Error(`${host}: ${script}\nexit ${ended.exitCode}\n${ended.stderr}${ended.stdout}`);
  }
  return ended.stdout;
}

/** The hosts that carry the VIP now, read from outside and without starting a process. */
export function holders(name: string, vip = VIP): readonly HostName[] {
  const first = HOSTS.filter((host) => carries(name, host, vip));
  // One after the other is not at once: who released the VIP meanwhile does not count.
  return first.length < 2 ? first : first.filter((host) => carries(name, host, vip));
}

/** The one host that carries the VIP. */
export async function holder(name: string, vip = VIP): Promise<HostName> {
  return until('one host carries the VIP', 10_000, () => {
    const [one, ...others] = holders(name, vip);
    return others.length === 0 ? one : undefined;
  });
}

/** The host that `host` is not. */
export function peerOf(host: HostName): HostName {
  return host === 'svr1' ? 'svr2' : 'svr1';
}

/**
 * Waits until any host may fail: everything runs on both, one carries the VIP, and the other one's
 * keepalived is ready to take it over.
 *
 * @param tracked what keepalived follows: nginx in phase 1
 * @returns who carries the VIP
 */
export async function redundant(
  name: string,
  timeoutMs = 20_000,
  tracked: 'nginx' | 'haproxy' = 'nginx',
): Promise<HostName> {
  let seen = '';
  return until(
    'both hosts are healthy',
    timeoutMs,
    async () => {
      const [one, ...others] = holders(name);
      const states = await Promise.all(HOSTS.map((host) => stateOf(name, host, tracked)));
      seen = `VIP on ${[one, ...others].join(' and ') || 'no host'}; ${states.join('; ')}`;
      const ready = HOSTS.every(
        (host, index) => states[index] === `${host} active active 0 ${host === one ? 'MASTER' : 'BACKUP'}`,
      );
      return ready && others.length === 0 ? one : undefined;
    },
    () => seen,
  );
}

/** `svr1 active active 0 MASTER`: the service, keepalived, the track file, and what keepalived last became. */
async function stateOf(name: string, host: string, tracked: string): Promise<string> {
  const script = `echo $(systemctl is-active ${tracked} keepalived) $(cat /run/ha-track/${tracked}) $(journalctl -b -u keepalived -o cat |
    sed -n 's/^(VI_1) Entering \\([A-Z]*\\) STATE.*/\\1/p' | tail -n 1)`;
  const ended = await lab.labExec(name, host, ['sh', '-c', script]).catch(() => undefined);
  return `${host} ${ended?.stdout.trim() ?? 'off'}`;
}

/** By how /proc/PID/net/fib_trie shows an address of the host's own. */
function carries(name: string, host: string, vip: string): boolean {
  const leader = lab.labStatus({ name }).find((one) => one.name === host)?.leaderPid;
  try {
    const table = leader === undefined ? '' : readFileSync(`/proc/${leader}/net/fib_trie`, 'utf8');
    return new RegExp(`-- ${vip}\\n\\s+/32 host LOCAL`).test(table);
  } catch {
    // It lost its power between the two readings.
    return false;
  }
}
