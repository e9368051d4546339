import { spawn, type StdioOptions } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { cgroupsOf } from './cgroup.ts';
import { LabError } from './error.ts';
import { running } from './machine.ts';
import { labPaths, type LabPaths } from './paths.ts';
import { childrenOf } from './process.ts';

const JOIN = 'while [ "$1" != -- ]; do echo 0 >"$1/cgroup.procs" || exit; shift; done; shift; exec "$@"';

/** How a command in a host ended. Killed by a signal: `exitCode` is null. */
export interface ExecResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  readonly stdin?: string | Uint8Array;
  /** Then the command is killed. Default 120 s. */
  readonly timeoutMs?: number;
}

/**
 * How `argv` ended, run as root in `host` without SSH and without the network.
 *
 * A shell is not involved; the command is in the host's namespaces and cgroup, with a clean environment.
 *
 * @throws LabError the host is off, or the command took longer than `timeoutMs`
 */
export async function labExec(
  name: string,
  host: string,
  argv: readonly string[],
  { stdin, timeoutMs = 120_000 }: ExecOptions = {},
): Promise<ExecResult> {
  const child = enterHost(labPaths(name), host, argv, [
    stdin === undefined ? 'ignore' : 'pipe',
    'pipe',
    'pipe',
  ]);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    // nsenter's child is the command itself: it would run on without it.
    for (const pid of childrenOf(child.pid ?? 0)) process.kill(pid, 'SIGKILL');
    child.kill('SIGKILL');
  }, timeoutMs);
  // A command that does not read its input closes the pipe: its exit code says whether that is wrong.
  child.stdin?.on('error', () => {});
  child.stdin?.end(stdin);
  const ended = new Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject).once('close', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const [{ exitCode, signal }, stdout, stderr] = await Promise.all([
    ended,
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
  ]).finally(() => clearTimeout(timer));
  if (!late) return { exitCode, signal, stdout, stderr };
  throw new LabError({
    what: `${host}: ${argv.join(' ')}: not within ${timeoutMs / 1000} s`,
    why: stderr.trim() || 'it is frozen, overloaded, or the command waits for something',
    hint: 'see whether the host is frozen: labStatus',
  });
}

/** The exit code of an interactive root shell in `host`, on this process's terminal. */
export async function labShell(name: string, host: string): Promise<number> {
  const child = enterHost(labPaths(name), host, ['/bin/bash', '--login'], 'inherit');
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (exitCode) => resolve(exitCode ?? 1));
  });
}

function enterHost(paths: LabPaths, host: string, argv: readonly string[], stdio: StdioOptions) {
  const leader = running(paths, host)?.leader;
  if (leader === undefined) {
    throw new LabError({
      what: `${host}: not running in lab ${paths.name}`,
      why: 'its PID 1 was not found: the host is off, or between two boots',
      hint: 'start it: run-playbook lab up',
    });
  }
  const env = [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'HOME=/root',
    'LANG=C.UTF-8',
  ];
  const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wd'];
  const enter = ['nsenter', `--target=${leader.pid}`, ...namespaces, '--'];
  const clean = ['env', '-i', ...env, `TERM=${process.env['TERM'] ?? 'dumb'}`];
  return spawn('/bin/sh', ['-c', JOIN, 'join', ...cgroupsOf(leader.pid), '--', ...enter, ...clean, ...argv], {
    stdio,
  });
}
