import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from './error.ts';
import { poll } from './poll.ts';
import { kill, processId } from './process.ts';
import { readText } from './state.ts';

const PARENT = 'run-playbook-lab';

// Only beside a unified hierarchy at /sys/fs/cgroup/unified: systemd's hybrid layout.
const NAMED = '/sys/fs/cgroup/systemd';

/** The cgroup of one host, or of a whole lab when `host` is left out, relative to a hierarchy. */
export function cgroupName(lab: string, host = ''): string {
  return join(PARENT, lab, host);
}

/**
 * Makes the host's cgroup in each hierarchy systemd uses.
 *
 * Without one of its own, systemd in the container cannot end left-over processes.
 *
 * @returns its directories, to write a pid to `cgroup.procs` of each
 */
export function makeCgroup(name: string): readonly string[] {
  const dirs = hierarchies().map((hierarchy) => join(hierarchy, name));
  for (const dir of dirs) mkdirSync(dir, { recursive: true });
  return dirs;
}

/** Ends whatever still runs in the cgroup and removes it, with its children and the emptied parents. */
export async function removeCgroup(name: string): Promise<void> {
  for (const hierarchy of hierarchies()) {
    const dir = join(hierarchy, name);
    if (!existsSync(dir)) continue;
    await poll(`cgroup ${dir}: removed`, 5_000, {
      ask: () => {
        for (const pid of processesIn(dir)) kill(processId(pid), 'SIGKILL');
        return removeTree(dir) || undefined;
      },
      why: () => `processes left: ${processesIn(dir).join(' ') || 'none, but a directory stays'}`,
      hint: `see systemd-cgls ${dir}`,
    });
    for (let parent = join(dir, '..'); parent !== hierarchy; parent = join(parent, '..')) tryRmdir(parent);
  }
}

/** Stops or continues every process of the cgroup, and returns when that is so. */
export async function setFrozen(name: string, frozen: boolean): Promise<void> {
  const dir = join(unified(), name);
  writeFileSync(join(dir, 'cgroup.freeze'), frozen ? '1' : '0');
  await poll(`cgroup ${dir}: ${frozen ? 'frozen' : 'thawed'}`, 5_000, {
    ask: () => isFrozen(name) === frozen || undefined,
    why: () => readText(join(dir, 'cgroup.events')) ?? 'the cgroup is gone',
    hint: 'see whether the host still runs: labStatus',
  });
}

/** Whether the cgroup exists and is frozen. */
export function isFrozen(name: string): boolean {
  return /^frozen 1$/m.test(readText(join(unified(), name, 'cgroup.events')) ?? '');
}

/** The directories of the cgroups process `pid` is in, in the hierarchies systemd uses. */
export function cgroupsOf(pid: number): readonly string[] {
  const mounts: Readonly<Record<string, string>> = { '': unified(), 'name=systemd': NAMED };
  const lines = (readText(`/proc/${pid}/cgroup`) ?? '').split('\n');
  return lines.flatMap((line) => {
    const [, controllers = 'none', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const mount = mounts[controllers];
    return mount !== undefined && hierarchies().includes(mount) ? [join(mount, path)] : [];
  });
}

function unified(): string {
  const found = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((dir) =>
    existsSync(join(dir, 'cgroup.controllers')),
  );
  if (found !== undefined) return found;
  throw new LabError({
    what: 'the lab needs the unified cgroup hierarchy',
    why: 'no cgroup2 at /sys/fs/cgroup or /sys/fs/cgroup/unified',
    hint: 'mount it: mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 none /sys/fs/cgroup/unified',
  });
}

function hierarchies(): readonly string[] {
  return existsSync(join(NAMED, 'cgroup.procs')) ? [unified(), NAMED] : [unified()];
}

// cgroup.kill would do it at once, but needs Linux 5.14.
function processesIn(dir: string): readonly number[] {
  const pids = (readText(join(dir, 'cgroup.procs')) ?? '').split('\n').filter(Boolean).map(Number);
  return [...pids, ...childGroups(dir).flatMap(processesIn)];
}

function childGroups(dir: string): readonly string[] {
  if (!existsSync(dir)) return [];
  const entries = readdirSync(dir, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(dir, entry.name));
}

function removeTree(dir: string): boolean {
  if (!existsSync(dir)) return true;
  return childGroups(dir).every(removeTree) && tryRmdir(dir);
}

function tryRmdir(dir: string): boolean {
  try {
    rmdirSync(dir);
    return true;
  } catch {
    return !existsSync(dir);
  }
}
