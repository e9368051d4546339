import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { cgroupName, makeCgroup, removeCgroup, setFrozen, isFrozen } from './cgroup.ts';
import { LabError } from './error.ts';
import { environment } from './local.ts';
import { BRIDGE } from './network.ts';
import { enterCommand, hostPaths, type LabPaths } from './paths.ts';
import { isAlive, kill, leaderOf, processId, recordedProcess, type ProcessId } from './process.ts';
import { readText } from './state.ts';

// systemd(1): SIGRTMIN+4 is poweroff.target; SIGRTMIN is 34 with glibc.
const POWER_OFF = 34 + 4;

const GONE_MS = 10_000;

// With --keep-unit nspawn leaves a reboot to its caller (exit 133), so a shell keeps the host on.
// Each boot has a cgroup of its own: one that was delegated to a systemd takes no process directly.
const KEEP = `
groups=$1; shift
join() { for dir in $groups; do mkdir -p "$dir/$1" && echo 0 >"$dir/$1/cgroup.procs" || exit; done; }
join keeper
boot=0
while boot=$((boot + 1)); do
  (join "boot$boot"; exec "$@")
  [ $? -eq 133 ] || exit
done`;

/** The machine name of a host: unique, or a reboot inside finds the name taken and leaves the host off. */
export function machineName(paths: LabPaths, host: string): string {
  return `${host}-${paths.name}`;
}

/** The container of a host: the shell that keeps it on and its PID 1, looked up now. Undefined when it is off. */
export function running(
  paths: LabPaths,
  host: string,
): { keeper: ProcessId; leader: ProcessId | undefined } | undefined {
  const keeper = recordedProcess(hostPaths(paths, host).pidFile);
  return keeper && { keeper, leader: leaderOf(keeper) };
}

/** Starts the container of a host whose overlay is mounted. It outlives this process. */
export async function start(paths: LabPaths, host: string): Promise<void> {
  const { root, consoleLog, pidFile } = hostPaths(paths, host);
  const cgroup = cgroupName(paths.name, host);
  await removeCgroup(cgroup);
  await removeTraces(paths, host);
  const command = enterCommand(paths.name, nspawnCommand(paths, host, root));
  const log = openSync(consoleLog, 'a', 0o600);
  const child = spawn(
    '/bin/sh',
    ['-c', KEEP, `lab-${paths.name}-${host}`, makeCgroup(cgroup).join(' '), ...command],
    {
      cwd: '/',
      env: environment,
      detached: true,
      stdio: ['ignore', log, log],
    },
  );
  closeSync(log);
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.unref();
  const id = processId(child.pid ?? 0);
  if (id === undefined) {
    throw new LabError({
      what: `${host}: did not start`,
      why: lastWords(consoleLog),
      hint: `see ${consoleLog}`,
    });
  }
  await writeFile(pidFile, JSON.stringify(id));
}

function nspawnCommand(paths: LabPaths, host: string, root: string): readonly string[] {
  return [
    'systemd-nspawn',
    '--quiet',
    '--boot',
    '--settings=no',
    '--register=no',
    '--keep-unit',
    '--link-journal=no',
    '--resolv-conf=off',
    '--timezone=off',
    '--console=read-only',
    `--directory=${root}`,
    `--machine=${machineName(paths, host)}`,
    `--hostname=${host}`,
    `--network-bridge=${BRIDGE}`,
  ];
}

/** Shuts the host down as its own power button would; when the deadline passes the power is cut. */
export async function stop(paths: LabPaths, host: string, timeoutMs = 20_000): Promise<void> {
  const found = running(paths, host);
  const cgroup = cgroupName(paths.name, host);
  if (isFrozen(cgroup)) await setFrozen(cgroup, false);
  kill(found?.leader, POWER_OFF);
  const deadline = performance.now() + (found?.leader ? timeoutMs : 0);
  while (isAlive(found?.keeper) && performance.now() < deadline) await pause(20);
  await cut(paths, host);
}

/** Cuts the power: PID 1 of the container is killed, and with it everything in it. What it wrote stays. */
export async function cut(paths: LabPaths, host: string): Promise<void> {
  const cgroup = cgroupName(paths.name, host);
  const deadline = performance.now() + GONE_MS;
  for (let found = running(paths, host); found?.leader; found = running(paths, host)) {
    const { leader, keeper } = found;
    kill(leader, 'SIGKILL');
    while (isAlive(leader) && performance.now() < deadline) await pause(5);
    // Only now: nothing in the container may run on, but nspawn has to clean up.
    if (isFrozen(cgroup)) await setFrozen(cgroup, false);
    while (isAlive(keeper) && leaderOf(keeper) === undefined && performance.now() < deadline) await pause(5);
    if (performance.now() > deadline) break;
  }
  await removeCgroup(cgroup);
  await rm(hostPaths(paths, host).pidFile, { force: true });
  await removeTraces(paths, host);
}

/** The end of a host's console log, for an error. */
export function lastWords(consoleLog: string): string {
  const lines = (readText(consoleLog) ?? '').split('\n').filter((line) => line.trim());
  return lines.slice(-8).join('\n') || 'it said nothing';
}

// nspawn(1) killed before it could clean up leaves these behind.
async function removeTraces(paths: LabPaths, host: string): Promise<void> {
  const { dir, root } = hostPaths(paths, host);
  const traces = ['propagate', 'unix-export'].map(
    (kind) => `/run/systemd/nspawn/${kind}/${machineName(paths, host)}`,
  );
  // A host that was never mounted has no root, and no lock by its inode.
  const seen = await stat(root).catch(() => undefined);
  if (seen !== undefined) traces.push(`/run/systemd/nspawn/locks/inode-${seen.dev}:${seen.ino}`);
  for (const path of [...traces, `${dir}/.#root.lck`]) await rm(path, { recursive: true, force: true });
}
