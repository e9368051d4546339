import { join } from 'node:path';

/**
 * Where everything of one lab is.
 *
 * Pure and cheap: every run imports this module, so it must not pull in more than `node:path`.
 */
export interface LabPaths {
  readonly name: string;
  /** Shared by all labs: one base tree per release and recipe. */
  readonly cacheDir: string;
  /** Exists only while the lab does. */
  readonly stateDir: string;
  readonly stateFile: string;
  readonly netns: string;
  readonly netnsFile: string;
  readonly privateKey: string;
  readonly knownHosts: string;
}

/** Where one host of a lab is. `root` is the merged overlay, what the host sees as `/`. */
export interface HostPaths {
  readonly dir: string;
  readonly upper: string;
  readonly work: string;
  readonly root: string;
  readonly sshKeys: string;
  readonly snapshots: string;
  readonly consoleLog: string;
  readonly pidFile: string;
  /** There once the tree has been made this host's own. */
  readonly personalised: string;
}

/**
 * The lab a command means when it names none.
 *
 * @returns `$RUN_PLAYBOOK_LAB`, or `default`
 */
export function labName(): string {
  return process.env['RUN_PLAYBOOK_LAB'] || 'default';
}

/**
 * The paths of lab `name`; nothing is touched.
 *
 * Names are machine-wide, since network namespaces and cgroups are.
 *
 * @throws Error the name cannot be part of a path, a namespace and a machine name
 */
export function labPaths(name: string = labName()): LabPaths {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) {
    throw new Error(`lab name ${JSON.stringify(name)}: use 1 to 32 of a-z, 0-9 and -, not starting with -`);
  }
  const stateDir = join(process.env['RUN_PLAYBOOK_LAB_DIR'] || '/var/lib/run-playbook-lab', name);
  return {
    name,
    cacheDir: join(process.env['RUN_PLAYBOOK_CACHE_DIR'] || '/var/cache/run-playbook', 'lab'),
    stateDir,
    stateFile: join(stateDir, 'lab.json'),
    netns: `rp-${name}`,
    netnsFile: `/run/netns/rp-${name}`,
    privateKey: join(stateDir, 'id_ed25519'),
    knownHosts: join(stateDir, 'known_hosts'),
  };
}

/** The paths of one host of a lab; nothing is touched. */
export function hostPaths(paths: LabPaths, host: string): HostPaths {
  const dir = join(paths.stateDir, 'hosts', host);
  return {
    dir,
    upper: join(dir, 'upper'),
    work: join(dir, 'work'),
    root: join(dir, 'root'),
    sshKeys: join(dir, 'ssh'),
    snapshots: join(dir, 'snapshots'),
    consoleLog: join(dir, 'console.log'),
    pidFile: join(dir, 'keeper.json'),
    personalised: join(dir, 'personalised'),
  };
}

/**
 * The command that runs `argv` inside the network of lab `name`, as root.
 *
 * The only way to reach the lab's addresses: outside that namespace they belong to somebody else.
 */
export function enterCommand(name: string, argv: readonly string[]): readonly string[] {
  return ['nsenter', `--net=${labPaths(name).netnsFile}`, '--', ...argv];
}
